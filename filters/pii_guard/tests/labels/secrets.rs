//! What is told of passwords, other secrets and users, and what is only said about them.

use super::{all_found, found, none_found};
use pii_guard::detect::Detector;

#[test]
fn passwords_of_letters_are_found_where_they_are_labelled() {
    let same = |text: &'static str, value: &'static str| (text, "PASSWORD", value);
    all_found(&[
        same("password: hunter", "hunter"),
        same("Password: Hunter\n", "Hunter"),
        same("my pwd is Sommer, thanks", "Sommer"),
        same("Passwort: geheim", "geheim"),
        same("user: bob, password: hunter, thanks", "hunter"),
        same("- **Password:** dragon", "dragon"),
        same("db:\n  password: dragon # later\n", "dragon"),
        same("spring.datasource.password=dragon", "dragon"),
        same("export DB_PASSWORD=dragon\n", "dragon"),
        same("user=bob&password=dragon&x=1", "dragon"),
        same(r#"{"user": "bob", "password": "dragon"}"#, "dragon"),
        same("| password | dragon |", "dragon"),
        same("contraseña\tS3cretQweh1", "S3cretQweh1"),
        same("pwd:\tqwertzCG1q4", "qwertzCG1q4"),
        same("<b>password:</b> Pa55w0rdFkUa7<br>", "Pa55w0rdFkUa7"),
        same("wifi password: dragon and the name is home", "dragon"),
    ]);
    none_found(&[
        "password: string",
        "password: required",
        "password: User",
        "password = getPassword()",
        "password=password, passwd=pwd",
        "connect(user=user, password=dragon)",
        "def login(user: str, password: Dragon) -> None:",
        "func login(password: Dragon, name: Name)",
        "let x: A = { password: Dragon };",
        "interface A { password: Dragon; }",
        "  password: Dragon,\n  name: Name,",
        "pub password: Dragon",
        "the password is wrong",
        "The password is Required.",
        "Passwort: Bitte eingeben",
        "Passwort: vergessen?",
        "\"password\": \"Passwort\"",
        "{\"password\": {\"type\": \"string\"}}",
        "<input type=\"password\" class=\"wide\">",
        "const BEGIN: &str = \"-----BEGIN PRIVATE KEY-----\";",
        "by tokenizers/commit/b770f364280af33efeffea8f0003102cb0c1d2e3",
    ]);
}

#[test]
fn passwords_are_told_in_more_words() {
    all_found(&[
        ("the pwd is sommer", "PASSWORD", "sommer"),
        ("my password is dragon, thanks", "PASSWORD", "dragon"),
        ("Hi, my password is Winter51!, can you update it?", "PASSWORD", "Winter51!"),
        ("My password has changed, the new one is Sommer!77. Thanks!", "PASSWORD", "Sommer!77"),
        ("Passcode: Dragon!806", "PASSWORD", "Dragon!806"),
        ("mdp : Sommer!806", "PASSWORD", "Sommer!806"),
        ("customer said: \"password hunter6586\"", "PASSWORD", "hunter6586"),
        ("API-Schlüssel: q7Xk2Mz4vB3nTr5wJ6lD", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lD"),
        ("clé API : q7Xk2Mz4vB3nTr5wJ6lD", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lD"),
        ("API密钥：q7Xk2Mz4vB3nTr5wJ6lD", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lD"),
        (
            "My API key has changed, the new one is q7Xk2Mz4vB3nTr5wJ6lDp9Hs. Thanks!",
            "SECRET_GENERIC",
            "q7Xk2Mz4vB3nTr5wJ6lDp9Hs",
        ),
        ("휴대폰: 010-1207-0165", "PHONE_NUMBER", "010-1207-0165"),
        ("Il mio cellulare è 393 9581442.", "PHONE_NUMBER", "393 9581442"),
    ]);
    none_found(&[
        "password reset: requested",
        "The password is wrong.",
        "my password is secure",
        "the password is stored hashed",
        "your pwd is expired, sorry",
        "an MDP with 300 states; mdp = solve(states=300)",
        "enter passcode to continue",
        "password level3 and password sha512",
        "the password is case sensitive",
        "Your password is too short.",
    ]);
}

#[test]
fn names_of_secrets_are_written_in_many_ways() {
    all_found(&[
        ("wifi密码：Sommer!12", "PASSWORD", "Sommer!12"),
        ("login password:\nSommer!23", "PASSWORD", "Sommer!23"),
        ("<b>wifi password</b>: Dragon85$", "PASSWORD", "Dragon85$"),
        ("The password on file (Winter39!) is wrong.", "PASSWORD", "Winter39!"),
        ("my pw is bonjour6843", "PASSWORD", "bonjour6843"),
        ("密碼 (hunter6841)", "PASSWORD", "hunter6841"),
        ("<td>Passwort</td><td>bonjour3632</td>", "PASSWORD", "bonjour3632"),
        ("\"contraseña del wifi\": \"Sommer!23\",", "PASSWORD", "Sommer!23"),
        ("hasło do wifi->Sommer!23", "PASSWORD", "Sommer!23"),
        ("creds: tiger7788", "PASSWORD", "tiger7788"),
        ("signing key: q7Xk2Mz4vB3nTr5wJ6lD", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lD"),
        ("nickname: mkeller_x", "USERNAME", "mkeller_x"),
        ("パスワードはSommer!2024です", "PASSWORD", "Sommer!2024"),
        ("パスワード：Sommer!2024", "PASSWORD", "Sommer!2024"),
        ("ユーザー名: tanaka_y", "USERNAME", "tanaka_y"),
        ("トークン: q7Xk2Mz4vB3nTr5wJ6lDp9Hs", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lDp9Hs"),
        ("Geburtstag: 12.03.1985", "DATE_OF_BIRTH", "12.03.1985"),
        ("TIN: 95067187435", "DE_TAX_ID", "95067187435"),
        ("username: bob and password: Sommer!23", "USERNAME", "bob"),
        ("user: x, login: mkeller, thanks", "USERNAME", "mkeller"),
    ]);
}

#[test]
fn secrets_and_users_have_names_in_all_languages() {
    let names = [
        (
            "PASSWORD",
            "Sommer!23",
            "Пароль от почты|пароля|الرقم السري|비번|패스워드|jelszava|sandi|Zugangsdaten|パスワード|密碼|mdp|\
             পাসওয়ার্ড|கடவுச்சொல்|పాస్‌వర్డ్|പാസ്‌വേഡ്|ಪಾಸ್‌ವರ್ಡ್|પાસવર્ડ|ਪਾਸਵਰਡ|پاس ورڈ|პაროლი|գաղտնաբառ|нууц үг|құпия сөз|wagwoord|parool",
        ),
        (
            "USERNAME",
            "mkeller_x",
            "Benutzerkennung|όνομα χρήστη|käyttäjätunnus|identifiant|שם משתמש|उपयोगकर्ता नाम|यूज़रनेम|nama pengguna|ユーザーID|사용자명|\
             utilizador|nume de utilizator|ชื่อผู้ใช้|логін|tài khoản|tên đăng nhập|登录名|账号",
        ),
        (
            "SECRET_GENERIC",
            "q7Xk2Mz4vB3nTr5wJ6lDp9Hs",
            "رمز الوصول|مفتاح API|API klíč|API-nøgle|Geheimschlüssel|Zugangstoken|κλειδί API|API-avain|מפתח API|API कुंजी|टोकन|API kulcs|\
             kunci API|chiave segreta|シークレットキー|비밀키|토큰|API-nøkkel|chave API|cheie API|секретный ключ|токен|API-nyckel|คีย์ API|\
             gizli anahtar|khóa API|API金鑰|權杖|clé secrète|clave secreta|chave secreta",
        ),
    ];
    let detector = Detector::new(Vec::new()).unwrap();
    let mut missed = Vec::new();
    for (entity, value, names) in names {
        for name in names.split('|').map(str::trim) {
            for text in
                [format!("{name}: {value}"), format!("| {name} | {value} |"), format!("\"{name}\": \"{value}\"")]
            {
                if !found(&detector, &text).contains(&(entity.to_owned(), value)) {
                    missed.push(text);
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_said_about_passwords_and_users_is_none() {
    none_found(&[
        "username: used for login",
        "login: see changed monthly",
        "- `username`: default is none",
        "if (userid === form) return;",
        "nickname -> Base64",
        "| username | user_id | in the keychain |",
        "The login has changed, the new page is OAuth2",
        "the username for the SHA-256 is expired",
        "Set username to sha512",
        "a login like SHA-256 is a bad idea",
        "\"密码\": \"1-64 characters\"",
        "\"passwd\": \"Enter your password\"",
        "密码: Mindestens 8 Zeichen",
        "pwd: SHA-256 = None",
        "mot de passe -> HS256",
        "contraseña field (ISO27001) is required",
        "a password like Base64 is a bad idea",
        "passcode: 1-64 characters",
        "The passwd is in the vault.",
        "Password (SHA-256)",
        "senha must match OAuth2",
        "identifiant unique de la commande : 48213377",
        "usuario: administrador",
        "口令: 见文档",
        "密码: 8位以上",
    ]);
}

#[test]
fn commands_have_passwords_in_their_options() {
    all_found(&[
        ("mongosh -u admin -p hunter22 --host db", "PASSWORD", "hunter22"),
        ("sqlcmd -S db -U sa -P hunter22", "PASSWORD", "hunter22"),
        ("plink -ssh db -l root -pw hunter22", "PASSWORD", "hunter22"),
        ("sshpass -p 'sommer12' ssh jane@x", "PASSWORD", "sommer12"),
        ("$ docker login -u jane -p sommer12 registry.example.com", "PASSWORD", "sommer12"),
        ("redis-cli -h cache -a sommer12abc ping", "PASSWORD", "sommer12abc"),
        ("mysql -u root -psommer12 shop", "PASSWORD", "sommer12"),
        ("PGPASSWORD=sommer12 psql -h db", "PASSWORD", "sommer12"),
        ("CREATE USER 'jane'@'%' IDENTIFIED BY 'sommer12';", "PASSWORD", "sommer12"),
        ("password: |\n  sommer12", "PASSWORD", "sommer12"),
    ]);
    none_found(&[
        "mysql -u root -p shop",
        "mysql -u root -p$MYSQL_PWD shop",
        "docker run -p 8080:80 nginx",
        "docker login -u jane --password-stdin",
        "they are identified by 'user_id' and identified by name",
        "mysql is a database -proven and fast",
    ]);
}

#[test]
fn passwords_are_told_as_people_chat() {
    let password = |text: &'static str, value: &'static str| (text, "PASSWORD", value);
    all_found(&[
        password("the login is bob / matrix6827", "matrix6827"),
        password("credentials are bob:Sunshine72?", "Sunshine72?"),
        password("Zugangsdaten: bob / Tigre!628", "Tigre!628"),
        password("wifi pw matrix8807", "matrix8807"),
        password("user bob, pass Monkey!23", "Monkey!23"),
        password("pass for the db is tigre955", "tigre955"),
        password("my pw is tGwQRxnAnX", "tGwQRxnAnX"),
        password("use the password BlueRiver!", "BlueRiver!"),
        password("the password, Monkey!23, works", "Monkey!23"),
        password("password (temporary): banana5704", "banana5704"),
        password("the password's dragon2810", "dragon2810"),
        password("password: <b>Monkey53#</b>", "Monkey53#"),
        password("what's the wifi password? it's Sunshine84!", "Sunshine84!"),
        password("what is your password? A: wh%mKhfGK2#m", "wh%mKhfGK2#m"),
        password("mon mdp c'est monkey3744", "monkey3744"),
        password("parola este Banana58$", "Banana58$"),
        password("ο κωδικός είναι banana1473", "banana1473"),
        password("şifrem kartoffel9009", "kartoffel9009"),
        password("密码是banana1639", "banana1639"),
        password("パスワードはsoleil6915です", "soleil6915"),
        password("비밀번호는 winter9287 입니다", "winter9287"),
        password("रमज़ पासवर्ड *6TvxbWjw है", "*6TvxbWjw"),
        password("رمز عبور tiger_6201!", "tiger_6201!"),
        password("WPA2 key: Dragon66#", "Dragon66#"),
        password("DB_PASS: banana5780", "banana5780"),
        password("--pass matrix336", "matrix336"),
        password("kartoffel7245 is the pw for the server", "kartoffel7245"),
        password("Passwort: BananaKartoffel!", "BananaKartoffel!"),
    ]);
    none_found(&[
        "The password manager is KeePassXC.",
        "Password policy: TooShort!",
        "username, password, address2, zip5",
        "password: !vault |",
        "update-passwd --dry-run",
        "pwd: /srv/jane/projects",
        "SEC_ERROR_BAD_PASSWORD = SEC_ERROR_BASE + 15,",
        "struct LowerGuardIntrinsicPass : PassInfoMixin<X> {",
        "$pw_passwd  = $pwob->passwd ( $_[1] )",
        "secret: projects/123/secrets/db",
        "pass NodeJS20 as the version",
        "all tests pass on Python312",
        "llvm pass LoopVectorize2",
        "self.username = handler.username",
        "headers[\"X\"] = _basic_auth_str(username, password)",
        "the `password` field\n.br\nof it",
        "filters/token_budget\na64c07f596543694755b97b368a027716a23ec49 filters/token_budget/src",
        "password (min 8 chars): required",
        "What is your password? It is required.",
        "пароль от Windows.",
        "забыл пароль от windows11",
    ]);
}

#[test]
fn constants_have_types_and_variables_defaults() {
    all_found(&[
        ("const DB_PASSWORD: &str = \"Cvtpov764$\";", "PASSWORD", "Cvtpov764$"),
        ("const DB_PASSWORD: &'static str = \"Cvtpov764$\";", "PASSWORD", "Cvtpov764$"),
        ("private readonly smtpPassword: string = 'Winter2000#';", "PASSWORD", "Winter2000#"),
        ("val dbPassword: String = \"Winter2000#\"", "PASSWORD", "Winter2000#"),
        ("password: Optional[str] = \"Winter2000#\"", "PASSWORD", "Winter2000#"),
        ("const API_KEY: &str = \"q7Xk2Mz4vB3nTr5wJ6lDp9Hs\";", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lDp9Hs"),
        ("variable \"db_password\" {\n  type    = string\n  default = \"Cvtpov764$\"\n}", "PASSWORD", "Cvtpov764$"),
        ("app.api.key=q7Xk2Mz4vB3nTr5wJ6lDp9Hs", "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lDp9Hs"),
        // Base64 has a `+`, and is no form for that.
        ("ELASTIC_API_KEY=G5SIhkRYw5cL+A6zx/OpKdw+5QN2v6fSGx", "SECRET_GENERIC", "G5SIhkRYw5cL+A6zx/OpKdw+5QN2v6fSGx"),
        ("helm install --set adminPassword=wra+E09uxi%lsM7R", "PASSWORD", "wra+E09uxi%lsM7R"),
    ]);
    none_found(&[
        "password: string = await readPassword()",
        "def login(user: str, password: str = None) -> None:",
        "variable \"db_password\" {\n  type = string\n}",
        "variable \"db_password\" {\n  default = var.other\n}",
        "{\"nextToken\": \"q7Xk2Mz4vB3nTr5wJ6lDp9Hs\", \"pageToken\": \"q7Xk2Mz4vB3nTr5wJ6lDp9Hs\"}",
        "pub const AUDIT_LOGINUID: u32 = 9;",
    ]);
}

#[test]
fn users_and_passwords_come_in_pairs() {
    all_found(&[
        ("you can log in with bob and hunter22", "USERNAME", "bob"),
        ("you can log in with bob and hunter22", "PASSWORD", "hunter22"),
        ("DB_USER=jane", "USERNAME", "jane"),
        ("POSTGRES_USER: app_rw\n", "USERNAME", "app_rw"),
        ("Her username (sven_l51) was rejected.", "USERNAME", "sven_l51"),
        ("|username|sven_l51|", "USERNAME", "sven_l51"),
        ("the password on record, monkey2198#, seems wrong", "PASSWORD", "monkey2198#"),
        ("|password di accesso|Winter7007|", "PASSWORD", "Winter7007"),
    ]);
    none_found(&[
        "you can log in with Google and GitHub",
        "sign in with Apple / Google accounts",
        "log in with a password and a code",
        "DB_USER = os.environ[\"DB_USER\"]",
        "db_user = config.db_user",
        "Her username (optional) was rejected.",
        "login (OAuth2) works",
        "the password on record, however, seems wrong",
    ]);
}

#[test]
fn userinfo_may_have_signs_that_are_not_encoded() {
    let same = |text: &'static str, value: &'static str| (text, "SECRET_BASIC_AUTH", value);
    all_found(&[
        same("postgres://app:pa?ss#word@db.internal/prod", "postgres://app:pa?ss#word@db.internal"),
        same("DATABASE_URL=mysql://root:a^b{c}d#1@10.0.0.5:3306/shop", "mysql://root:a^b{c}d#1@10.0.0.5:3306"),
    ]);
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "https://example.com:8080?to=jane@example.com",
        "https://example.com?from=a:b@example.com",
        "https://example.com:8080#a@b",
        "postgres://${USER}:${PASSWORD}@db/prod",
        "postgres://user:${PASS?none}@db/prod",
    ] {
        let found = found(&detector, text);
        assert!(found.iter().all(|(entity, _)| entity != "SECRET_BASIC_AUTH"), "{text}: {found:?}");
    }
}
