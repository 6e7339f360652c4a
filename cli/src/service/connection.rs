//! How the service is reached, and with which credential.

use anyhow::Context;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

/// The variable that holds the token where no file is named.
const TOKEN: &str = "MODELGATE_TOKEN";

/// Options of every command that talks to the service.
#[derive(Debug, clap::Args)]
pub struct Connection {
    /// Where it listens: `http://host:port`, `https://host:port`, or `unix:///path`
    #[arg(long, global = true, default_value = "http://127.0.0.1:9090")]
    address: String,
    /// The authorities that its certificate is from, PEM; for https
    #[arg(long, global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The name in its certificate, where it is not the one in the address
    #[arg(long, global = true, value_name = "NAME", requires = "ca")]
    server_name: Option<String>,
    /// A certificate to present, PEM
    #[arg(long, global = true, value_name = "FILE", requires = "private_key")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long = "key", global = true, value_name = "FILE", requires = "certificate")]
    private_key: Option<PathBuf>,
    /// The file that holds the bearer token; without it, the variable `MODELGATE_TOKEN`
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print JSON lines
    #[arg(long, global = true)]
    pub json: bool,
    /// How long to wait for an answer, in seconds
    #[arg(long, global = true, default_value_t = 10)]
    timeout_secs: u64,
}

/// A connection that shows the token on each call.
pub type Authorized = InterceptedService<Channel, Token>;

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// A file cannot be read, the address is none, or nobody answers there.
    pub async fn connect(&self) -> anyhow::Result<Authorized> {
        let mut endpoint = Endpoint::new(self.address.clone())
            .with_context(|| format!("`{}` is no address; give http://host:port or unix:///path", self.address))?
            .timeout(Duration::from_secs(self.timeout_secs))
            .connect_timeout(Duration::from_secs(self.timeout_secs));
        if self.address.starts_with("https:") {
            endpoint = endpoint.tls_config(self.tls()?).context("cannot use --ca, --certificate or --key")?;
        } else {
            for (option, is_there) in [("--ca", self.ca.is_some()), ("--certificate", self.certificate.is_some())] {
                anyhow::ensure!(!is_there, "{option} is for an address that begins with https:");
            }
        }
        let channel =
            endpoint.connect().await.with_context(|| format!("cannot reach the service at {}", self.address))?;
        Ok(InterceptedService::new(channel, self.token()?))
    }

    fn tls(&self) -> anyhow::Result<ClientTlsConfig> {
        let ca = self.ca.as_deref().context("https needs --ca, the authorities of the service's certificate")?;
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(ca)?));
        if let Some(name) = &self.server_name {
            tls = tls.domain_name(name);
        }
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.private_key) {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }

    fn token(&self) -> anyhow::Result<Token> {
        let text = match &self.token_file {
            Some(path) => String::from_utf8(read(path)?).ok().context("the token file is no text")?,
            None => std::env::var(TOKEN).unwrap_or_default(),
        };
        let text = text.trim();
        if text.is_empty() {
            anyhow::ensure!(self.token_file.is_none(), "the token file is empty");
            return Ok(Token(None));
        }
        let value = MetadataValue::try_from(format!("Bearer {text}")).ok();
        Ok(Token(Some(value.context("the token has characters that no header may have")?)))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// The token, as a header.
#[derive(Clone)]
pub struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
