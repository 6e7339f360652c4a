//! What is found where nothing is: numbers, codes and texts of machines that belong to nobody, made at random here.
//!
//! `PII_SHOW=1` shows what was found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Look};
use std::collections::BTreeMap;

/// A repeatable source of random values (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    /// Fills a pattern: `#` a digit, `^` one from 1, `h` in braces hexadecimal digits, `@` a capital letter, `~` a small one or
    /// a digit, `$` base64.
    fn fill(&mut self, pattern: &str) -> String {
        let mut out = String::new();
        let mut rest = pattern.chars().peekable();
        while let Some(c) = rest.next() {
            let mut alphabet = |alphabet: &[u8]| char::from(alphabet[(self.next() % alphabet.len() as u64) as usize]);
            match c {
                '#' => out.push(alphabet(b"0123456789")),
                '^' => out.push(alphabet(b"123456789")),
                '@' => out.push(alphabet(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
                '~' => out.push(alphabet(b"abcdefghijklmnopqrstuvwxyz0123456789")),
                '{' if matches!(rest.peek(), Some('h' | 'b')) => {
                    let kind = rest.next().unwrap();
                    let count: String = std::iter::from_fn(|| rest.next().filter(|c| *c != '}')).collect();
                    for _ in 0..count.parse::<usize>().unwrap() {
                        out.push(match kind {
                            'h' => alphabet(b"0123456789abcdef"),
                            _ => alphabet(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
                        });
                    }
                }
                c => out.push(c),
            }
        }
        out
    }
}

/// By their kind. What a text has is nobody's.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "orders",
        &[
            "Order ^####### was shipped this morning.",
            "Your order number is ^########.",
            "order_id=^#########",
            "Invoice INV-####-##### is due.",
            "{\"order\": \"^########\", \"sku\": \"@@@-####-@@\"}",
            "PO #^####### for 12 items",
            "SKU @@####### is out of stock",
            "Artikel-Nr. ####-####",
            "Bestellung ^####### wurde versandt",
            "lot @#####, batch ########",
            "RMA ######## was created",
            "cart-######## expired",
        ],
    ),
    (
        "tracking",
        &[
            "Tracking number 1Z###@@########## is on its way",
            "tracking: ############",
            "Parcel ####################",
            "shipment JD##############",
        ],
    ),
    (
        "versions",
        &[
            "upgrade to v^.##.# or ^.#.##",
            "version ^#.^#.^####",
            "Chrome/1##.0.####.##",
            "kernel 5.##.0-###-generic",
            "build 20######.#",
            "numpy==1.##.#",
            "release ^.^.^-rc#",
            "image: app:2024.##.##",
            "\"react\": \"^18.#.#\"",
            "Windows 10.0.#####.####",
            "go1.##.#",
            "openssl-3.#.#",
        ],
    ),
    (
        "hashes",
        &[
            "commit {h40}",
            "{h7} Fix the test",
            "sha256:{h64}",
            "ETag: \"{h32}\"",
            "md5 {h32}",
            "index {h7}..{h7} 100644",
            "trace_id={h32} span_id={h16}",
            "W/\"{h20}\"",
            "digest {b43}=",
            "id {h24} not found",
            "blob {h8}",
            "traceparent: 00-{h32}-{h16}-01",
            "integrity sha512-{b86}==",
        ],
    ),
    (
        "times",
        &[
            "created 17######## by cron",
            "ts=17###########",
            "took ##.### ms",
            "at 1#:##:## the job ended",
            "17########.######",
            "[ ####.######] usb 1-1: new device",
            "20######T######Z",
            "uptime ######## s",
            "duration_ms: #######",
            "expires_in: ######",
            "t=+########ns",
            "deadline 17########000",
        ],
    ),
    (
        "numbers",
        &[
            "pi is 3.14159265358979",
            "a mean of 0.############",
            "The sum is ^,###,### in all.",
            "$^#,###.## per month",
            "we saw ^##,### requests",
            "population ^#######",
            "1 + 2 = 3, ^## - ## = ###",
            "total: ^######.## EUR",
            "x = [^########, ^########]",
            "between ^### and ^####",
            "scores ##-## and ##-##",
            "size ^######## bytes",
            "(^##, ^##, ^##)",
            "| ^### | ^#### | ^##### |",
            "6.022e23 and 1.6e-19",
            "^##.###.### Einwohner",
            "0x{h8}",
            "-^#.######",
            "ratio ^#:^#",
            "≈ ^#### km/h",
            "99.9##% of ^######## calls",
            "The answer is ^########.",
            "There were ^####### visitors in total",
        ],
    ),
    (
        "code",
        &[
            "const MAX: u64 = ^##_###_###;",
            "let x = arr[^###] + 0x{h4};",
            "for (int i = 0; i < ^#####; i++)",
            "Error at line ^### in module ~~~~~~.py",
            "#define PORT ^####",
            "SELECT * FROM t WHERE id = ^######## LIMIT ^##",
            "token = get_token(user_id)",
            "password = config[\"db_password\"]",
            "assert f(^####) == ^#####",
            "color: #{h6};",
            "secret = os.environ[\"APP_SECRET\"]",
            "api_key = settings.API_KEY",
            "d=\"M^#.# ^#.#L^##.# ^#.#z\"",
            "Traceback: 0x{h12}",
            "int64_t n = ^##################;",
            "username = request.form.get(\"username\")",
            "return token_count(^###)",
            "mov eax, 0x{h8}",
            "font-size: ^#px; margin: # ^# # ^#",
            "a[^#][^#] = b[^#]",
        ],
    ),
    (
        "clouds",
        &[
            "pod web-{h10}-~~~~~ is ready",
            "i-{h17} stopped",
            "arn:aws:s3:::bucket-~~~~",
            "vol-{h17}",
            "s3://logs/20##/##/##/part-#####.gz",
            "gke-node-{h8}-~~~~",
            "sg-{h8} allows port ^####",
            "req_{b24}",
            "chatcmpl-{b29}",
            "run_{b24}",
            "call_{b24}",
            "msg_{b24}",
            "projects/^###########/locations",
            "sub-{h8} is active",
        ],
    ),
    (
        "logs",
        &[
            "GET /v1/items/^######## 200 ^### ####",
            "level=info msg=done rows=^##### ms=^###",
            "worker[^####]: job ^####### finished in ^#.# s",
            "ERROR 1### (HY000) at line ^##",
            "POST /a/^#########/b?page=^# 201",
            "{\"ts\": 17########, \"n\": ^####, \"ok\": true}",
            "node ^#: ^####### blocks, ^##### free",
            "pid ^##### exited with code ^",
            "{\"id\": ^#########, \"parent\": ^########}",
            "seq ^######## offset ^#########",
            "{\"total\": ^######, \"page\": ^##}",
            "thread ^## [~~~~~~~~] INFO  - ok",
        ],
    ),
    (
        "machines",
        &[
            "^######## [main] DEBUG a.b.C - the frame of node ^# was sent",
            "    ^######## K free memory in all",
            "^######### ^##### /usr/share/doc/a/copyright",
            "numa_local ^#######",
            "00{h6}: {h2}0# 0000 1200 0f00 908e 0e00 0000 0000 3402 0000",
            "  1##{h2}:\t66 0f 1f 84 00 00 00 00 00 \tnopw   0x0(%rax,%rax,1)",
            "00CF  ; [.20{h2}.0020.0008][.0000.002B.0002] # LATIN CAPITAL LETTER I",
            "pub const ENOLCK: c_int = -21474549##;",
            "c -0.0##### -2.### 0 0.###### 0.# 1 1 1 h -1",
            "253 24# 23#\t\told lace and floral white",
            "VmPin:\t       0 kB\nVmHWM:\t    ^### kB",
            "                3c:91:{h2}:9b:65:{h2}:29",
            "@@@ 0##### is out of stock",
            "kx_group::SECP256R1, kx_group::SECP384R1",
            "foo (0.2+20090917-#), git (1:14~++2021082702####+15b2)",
            "^########  ^#########  ^######## ^########",
            "46 (task) S 1 ^############ 946691770004## ^############# 0 0 17",
        ],
    ),
    (
        "names of things",
        &[
            "ISO ^####:20##",
            "RFC ^### and RFC ^####",
            "HD ^##### is a star",
            "CAS ^####-##-#",
            "the A^### to M^",
            "flight LH^### leaves at 1#:##",
            "room ^.###, floor ^",
            "iPhone 15 and Pixel 8",
            "Boeing 7##-^",
            "CS^## and MATH^##",
            "DIN A4, 80 g/m²",
            "arXiv:24##.#####",
            "10.####/~~~~~.####",
            "JIRA-^#### blocks OPS-^#####",
            "CVE-20##-#####",
            "page ^##-^## of vol. ^",
            "EN ^####-#",
            "Section ^.^.^",
            "chapter ^#, verse ^#",
            "USB 3.# and PCIe ^.0",
            "part M^#######",
            "model @@-^####@",
            "ticket #^#####",
            "GPT-4 and Llama 3.1 70B",
        ],
    ),
    (
        "books",
        &[
            "ISBN 978-3-16-######-#",
            "ISBN 978##########",
            "EAN #############",
            "barcode ############",
            "ISSN ####-####",
            "GTIN-13 #############",
        ],
    ),
    (
        "plain",
        &[
            "^########",
            "^#########",
            "^###########",
            "############",
            "{h32}",
            "^.^#.^#",
            "@@@-^####",
            "17########",
            "^#####",
            "20######",
            "M^#######",
            "0.##############",
        ],
    ),
];

#[test]
fn what_is_nobodys_is_left_alone() {
    let detector = Detector::new(Vec::new()).unwrap();
    let mut random = Random(20_261_120);
    let (mut found, mut all) = (0, 0);
    let mut kinds: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    let entities: Vec<String> = (0..detector.len()).map(|number| detector.entity(number).to_owned()).collect();
    for (kind, patterns) in TEXTS {
        for pattern in *patterns {
            for _ in 0..60 {
                let text = random.fill(pattern);
                all += 1;
                let findings = detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4);
                if let Some(finding) = findings.first() {
                    found += 1;
                    kinds.entry((kind, pattern, &entities[finding.recognizer])).or_default().push(text);
                }
            }
        }
    }
    let share = f64::from(found) * 100.0 / f64::from(all);
    println!("{found} of {all} texts: {share:.2} %");
    if std::env::var_os("PII_SHOW").is_some() {
        for ((kind, pattern, entity), texts) in kinds {
            println!("  {:3} {kind}: {pattern:?} as {entity}, such as {:?}", texts.len(), texts[0]);
        }
    }
    assert!(share <= 1.0, "{share:.2} % of texts without anything in them");
}
