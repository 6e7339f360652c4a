//! Secrets: rows by family, and the literals that they start with.

use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows. Their examples are made of [`PREFIXES`] at run time, so that no scanner takes this file for a leak.
pub const ROWS: &[Recognizer] = &[
    row("PASSWORD", "secrets", Weak, &[], None, "", &["password: hunter2Xy!"], "assignment"),
    row("SECRET_AWS_ACCESS_KEY", "secrets", Sure, &[], None, "", &[], "AWS IAM identifiers"),
    row("SECRET_AWS_SECRET_KEY", "secrets", Weak, &[], None, "", &[], "AWS IAM"),
    row("SECRET_AZURE", "secrets", Sure, &[], None, "", &[], "Azure connection strings and SAS"),
    row("SECRET_GCP", "secrets", Sure, &[], None, "", &[], "Google Cloud API keys"),
    row("SECRET_OPENAI", "secrets", Sure, &[], None, "", &[], "OpenAI"),
    row("SECRET_ANTHROPIC", "secrets", Sure, &[], None, "", &[], "Anthropic"),
    row(
        "SECRET_OTHER_LLM",
        "secrets",
        Sure,
        &[],
        None,
        "",
        &[],
        "Hugging Face, Perplexity, Groq, xAI, Replicate, OpenRouter",
    ),
    row("SECRET_GITHUB", "secrets", Sure, &[], None, "", &[], "GitHub token formats (2021)"),
    row("SECRET_GITLAB", "secrets", Sure, &[], None, "", &[], "GitLab token prefixes"),
    row("SECRET_SLACK", "secrets", Sure, &[], None, "", &[], "Slack token types, incoming webhooks"),
    row("SECRET_STRIPE", "secrets", Sure, &[], None, "", &[], "Stripe API keys"),
    row("SECRET_NPM", "secrets", Sure, &[], None, "", &[], "npm granular tokens"),
    row("SECRET_PYPI", "secrets", Sure, &[], None, "", &[], "PyPI macaroons"),
    row("SECRET_SENDGRID", "secrets", Sure, &[], None, "", &[], "SendGrid"),
    row("SECRET_TWILIO", "secrets", Good, &[], None, "", &[], "Twilio API keys"),
    row("SECRET_TELEGRAM", "secrets", Sure, &[], None, "", &[], "Telegram Bot API"),
    row("SECRET_DIGITALOCEAN", "secrets", Sure, &[], None, "", &[], "DigitalOcean"),
    row("SECRET_DATABRICKS", "secrets", Sure, &[], None, "", &[], "Databricks"),
    row("SECRET_HASHICORP", "secrets", Sure, &[], None, "", &[], "HashiCorp Vault and Terraform"),
    row("SECRET_SHOPIFY", "secrets", Sure, &[], None, "", &[], "Shopify"),
    row("SECRET_VENDOR", "secrets", Sure, &[], None, "", &[], "Prefixes that vendors register for secret scanning"),
    row("SECRET_JWT", "secrets", Sure, &[], None, "", &[], "RFC 7519"),
    row("SECRET_PRIVATE_KEY", "secrets", Sure, &[], None, "", &[], "RFC 7468"),
    row("SECRET_BASIC_AUTH", "secrets", Sure, &[], None, "", &[], "RFC 7617, RFC 6750, RFC 3986 userinfo"),
    row("SECRET_GENERIC", "secrets", Weak, &[], None, "", &[], "assignment of a random value"),
    row("SECRET_PASSWORD_HASH", "secrets", Sure, &[], None, "", &[], "crypt(5), PHC string format"),
];

/// What may follow a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Capital letters and digits.
    Base32,
    /// Letters and digits.
    Word,
    /// Letters, digits, `-` and `_`.
    Url,
    /// Hexadecimal digits.
    Hex,
    /// Letters, digits, `+`, `/`, `=`, `.`, `-`, `_`, `$`, `%`.
    Wide,
}

/// A literal that a secret starts with: entity, literal, what follows, and how many of it at least and at most.
pub type Prefix = (&'static str, &'static str, Tail, usize, usize);

/// The literals. Their formats are the vendors' own; the list of families follows gitleaks' (MIT).
pub const PREFIXES: &[Prefix] = &[
    ("SECRET_AWS_ACCESS_KEY", "AKIA", Tail::Base32, 16, 16),
    ("SECRET_AWS_ACCESS_KEY", "ASIA", Tail::Base32, 16, 16),
    ("SECRET_AWS_ACCESS_KEY", "ABIA", Tail::Base32, 16, 16),
    ("SECRET_AWS_ACCESS_KEY", "ACCA", Tail::Base32, 16, 16),
    ("SECRET_AWS_ACCESS_KEY", "A3T", Tail::Base32, 17, 17),
    ("SECRET_AWS_SECRET_KEY", "ABSK", Tail::Wide, 100, 280),
    ("SECRET_AZURE", "AccountKey=", Tail::Wide, 40, 120),
    ("SECRET_AZURE", "SharedAccessKey=", Tail::Wide, 30, 120),
    ("SECRET_AZURE", "SharedAccessSignature=", Tail::Wide, 20, 600),
    ("SECRET_AZURE", "&sig=", Tail::Wide, 30, 120),
    ("SECRET_AZURE", "?sig=", Tail::Wide, 30, 120),
    ("SECRET_GCP", "AIza", Tail::Url, 35, 35),
    ("SECRET_GCP", "GOCSPX-", Tail::Url, 28, 28),
    ("SECRET_GCP", "ya29.", Tail::Url, 30, 300),
    ("SECRET_OPENAI", "sk-proj-", Tail::Url, 40, 200),
    ("SECRET_OPENAI", "sk-svcacct-", Tail::Url, 40, 200),
    ("SECRET_OPENAI", "sk-admin-", Tail::Url, 40, 200),
    ("SECRET_OPENAI", "sk-None-", Tail::Url, 40, 200),
    ("SECRET_OPENAI", "sk-", Tail::Word, 40, 64),
    ("SECRET_ANTHROPIC", "sk-ant-api03-", Tail::Url, 40, 130),
    ("SECRET_ANTHROPIC", "sk-ant-admin01-", Tail::Url, 40, 130),
    ("SECRET_ANTHROPIC", "sk-ant-", Tail::Url, 40, 150),
    ("SECRET_OTHER_LLM", "hf_", Tail::Word, 30, 40),
    ("SECRET_OTHER_LLM", "api_org_", Tail::Word, 30, 40),
    ("SECRET_OTHER_LLM", "pplx-", Tail::Word, 40, 64),
    ("SECRET_OTHER_LLM", "gsk_", Tail::Word, 40, 64),
    ("SECRET_OTHER_LLM", "xai-", Tail::Word, 60, 100),
    ("SECRET_OTHER_LLM", "r8_", Tail::Word, 36, 40),
    ("SECRET_OTHER_LLM", "sk-or-v1-", Tail::Hex, 64, 64),
    ("SECRET_OTHER_LLM", "nvapi-", Tail::Url, 50, 80),
    ("SECRET_OTHER_LLM", "fw_", Tail::Word, 22, 40),
    ("SECRET_GITHUB", "ghp_", Tail::Word, 36, 255),
    ("SECRET_GITHUB", "gho_", Tail::Word, 36, 255),
    ("SECRET_GITHUB", "ghu_", Tail::Word, 36, 255),
    ("SECRET_GITHUB", "ghs_", Tail::Word, 36, 255),
    ("SECRET_GITHUB", "ghr_", Tail::Word, 36, 255),
    ("SECRET_GITHUB", "github_pat_", Tail::Url, 70, 255),
    ("SECRET_GITLAB", "glpat-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "gldt-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glrt-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glptt-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glcbt-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "gloas-", Tail::Url, 20, 80),
    ("SECRET_GITLAB", "glsoat-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glft-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glimt-", Tail::Url, 20, 60),
    ("SECRET_GITLAB", "glagent-", Tail::Url, 40, 80),
    ("SECRET_SLACK", "xoxb-", Tail::Url, 20, 120),
    ("SECRET_SLACK", "xoxp-", Tail::Url, 20, 120),
    ("SECRET_SLACK", "xoxa-", Tail::Url, 20, 120),
    ("SECRET_SLACK", "xoxr-", Tail::Url, 20, 120),
    ("SECRET_SLACK", "xoxs-", Tail::Url, 20, 120),
    ("SECRET_SLACK", "xoxe.", Tail::Wide, 30, 300),
    ("SECRET_SLACK", "xapp-", Tail::Url, 30, 150),
    ("SECRET_SLACK", "hooks.slack.com/services/", Tail::Wide, 30, 90),
    ("SECRET_STRIPE", "sk_live_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "sk_test_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "rk_live_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "rk_test_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "rk_prod_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "sk_prod_", Tail::Word, 20, 120),
    ("SECRET_STRIPE", "whsec_", Tail::Wide, 30, 80),
    ("SECRET_NPM", "npm_", Tail::Word, 36, 36),
    ("SECRET_PYPI", "pypi-AgEIcHlwaS5vcmc", Tail::Url, 50, 500),
    ("SECRET_SENDGRID", "SG.", Tail::Wide, 60, 80),
    ("SECRET_TWILIO", "SK", Tail::Hex, 32, 32),
    ("SECRET_TELEGRAM", ":AA", Tail::Url, 33, 33),
    ("SECRET_DIGITALOCEAN", "dop_v1_", Tail::Hex, 64, 64),
    ("SECRET_DIGITALOCEAN", "doo_v1_", Tail::Hex, 64, 64),
    ("SECRET_DIGITALOCEAN", "dor_v1_", Tail::Hex, 64, 64),
    ("SECRET_DATABRICKS", "dapi", Tail::Hex, 32, 34),
    ("SECRET_HASHICORP", "hvs.", Tail::Url, 24, 200),
    ("SECRET_HASHICORP", "hvb.", Tail::Url, 24, 300),
    ("SECRET_HASHICORP", ".atlasv1.", Tail::Url, 60, 80),
    ("SECRET_SHOPIFY", "shpat_", Tail::Hex, 32, 32),
    ("SECRET_SHOPIFY", "shpca_", Tail::Hex, 32, 32),
    ("SECRET_SHOPIFY", "shppa_", Tail::Hex, 32, 32),
    ("SECRET_SHOPIFY", "shpss_", Tail::Hex, 32, 32),
    ("SECRET_VENDOR", "glsa_", Tail::Url, 40, 60),
    ("SECRET_VENDOR", "glc_", Tail::Wide, 32, 400),
    ("SECRET_VENDOR", "lin_api_", Tail::Word, 40, 40),
    ("SECRET_VENDOR", "PMAK-", Tail::Url, 50, 70),
    ("SECRET_VENDOR", "rubygems_", Tail::Hex, 48, 48),
    ("SECRET_VENDOR", "sntrys_", Tail::Wide, 60, 300),
    ("SECRET_VENDOR", "sntryu_", Tail::Hex, 64, 64),
    ("SECRET_VENDOR", "NRAK-", Tail::Word, 27, 27),
    ("SECRET_VENDOR", "dckr_pat_", Tail::Url, 27, 40),
    ("SECRET_VENDOR", "ntn_", Tail::Word, 40, 50),
    ("SECRET_VENDOR", "figd_", Tail::Url, 35, 60),
    ("SECRET_VENDOR", "ATATT3", Tail::Wide, 150, 250),
    ("SECRET_VENDOR", "pscale_tkn_", Tail::Wide, 32, 64),
    ("SECRET_VENDOR", "sbp_", Tail::Hex, 40, 40),
    ("SECRET_VENDOR", "dp.pt.", Tail::Word, 40, 50),
    ("SECRET_VENDOR", "EAACEdEose0cBA", Tail::Word, 20, 300),
    ("SECRET_VENDOR", "xkeysib-", Tail::Url, 64, 90),
    ("SECRET_VENDOR", "key-", Tail::Hex, 32, 32),
    ("SECRET_VENDOR", "AGE-SECRET-KEY-1", Tail::Base32, 58, 58),
    ("SECRET_VENDOR", "fo1_", Tail::Url, 43, 43),
    ("SECRET_VENDOR", "tfp_", Tail::Url, 40, 60),
    ("SECRET_VENDOR", "sq0csp-", Tail::Url, 43, 43),
    ("SECRET_PASSWORD_HASH", "$2a$", Tail::Wide, 55, 57),
    ("SECRET_PASSWORD_HASH", "$2b$", Tail::Wide, 55, 57),
    ("SECRET_PASSWORD_HASH", "$2y$", Tail::Wide, 55, 57),
    ("SECRET_PASSWORD_HASH", "$argon2", Tail::Wide, 40, 300),
    ("SECRET_PASSWORD_HASH", "$6$", Tail::Wide, 80, 120),
    ("SECRET_PASSWORD_HASH", "$5$", Tail::Wide, 40, 80),
    ("SECRET_PASSWORD_HASH", "$1$", Tail::Wide, 22, 40),
    ("SECRET_PASSWORD_HASH", "$y$", Tail::Wide, 40, 120),
];

impl Tail {
    /// Whether the byte may follow.
    pub fn holds(self, byte: u8) -> bool {
        match self {
            Self::Base32 => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Word => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Wide => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=' | b'.' | b'$' | b'%' | b',')
            }
        }
    }
}
