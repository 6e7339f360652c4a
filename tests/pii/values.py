"""Makes valid values of every kind of personal data and secret that `pii_guard` names, one JSON object a line:
{"entity", "class", "value", "labels"}.

The values come from the definitions of the formats: what python-stdnum knows is filled at random until python-stdnum accepts it,
the rest is computed here. Nothing of the filter is asked. Classes: C has a checksum, F tells itself by its format, W is weak
and stands beside a word for it (`labels`, as people write it). The parts of what looks like a live secret are joined by the
reader.

    python values.py [SEED] [VALUES PER KIND]
"""

import base64
import datetime
import hashlib
import importlib
import json
import random
import sys

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 6
R = random.Random(SEED)
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
WORD = UPPER + UPPER.lower() + DIGITS
URL = WORD + "-_"


def fill(template):
    """`#` a digit, `^` one from 1, `@` a capital letter, `*` either, `[..]` one of these; `{n}` repeats what is before it."""
    out, sets, at = [], [], 0
    while at < len(template):
        c = template[at]
        if c == "[":
            end = template.index("]", at)
            sets.append(template[at + 1:end])
            at = end
        elif c == "{":
            end = template.index("}", at)
            sets.extend([sets[-1]] * (int(template[at + 1:end]) - 1))
            at = end
        else:
            sets.append({"#": DIGITS, "^": "123456789", "@": UPPER, "*": UPPER + DIGITS}.get(c, c))
        at += 1
    for choices in sets:
        out.append(R.choice(choices))
    return "".join(out)


def valid(module):
    return importlib.import_module("stdnum." + module).is_valid


def until(holds, *templates):
    """Random values of the templates (texts or functions) that `holds`."""
    def make():
        for _ in range(400_000):
            template = R.choice(templates)
            value = template() if callable(template) else fill(template)
            if holds(value):
                return value
        raise SystemExit(f"nothing fits {templates}")
    return make


def std(module, *templates):
    return until(valid(module), *templates)


def any_of(*makers):
    return lambda: (lambda m: m() if callable(m) else fill(m))(R.choice(makers))


def form(pattern):
    """Spreads a value over the `n` of a pattern."""
    def apply(value):
        rest = iter(value)
        return "".join(next(rest) if c == "n" else c for c in pattern)
    return apply


def day(text, first=1940, last=2005):
    """A random day, written as strftime says."""
    start = datetime.date(first, 1, 1)
    date = start + datetime.timedelta(days=R.randrange((datetime.date(last, 12, 31) - start).days))
    return date.strftime(text)


def dated(text, template, first=1940, last=2005):
    return lambda: day(text, first, last) + fill(template)


def luhn(value):
    total = 0
    for i, c in enumerate(reversed(value)):
        d = int(c) * (2 if i % 2 else 1)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


def weighted(value, weights):
    return sum(int(c, 36) * w for c, w in zip(value, weights))


def mod97(value):
    return int("".join(str(int(c, 36)) for c in value)) % 97


def icao(value):
    return weighted(value, [7, 3, 1] * 20) % 10


def random_text(alphabet, length):
    return "".join(R.choice(alphabet) for _ in range(length))


ROWS = []


def kind(entity, group, make, formats=(), labels=()):
    """A kind: its maker, how it is written (`n` for each character; none: as made), and what people call it."""
    if isinstance(make, str):
        template = make
        make = lambda: fill(template)
    patterns = formats.split("|") if isinstance(formats, str) else list(formats)
    for i in range(COUNT):
        value = make()
        parts = value if isinstance(value, list) else None
        if parts is None and patterns:
            fitting = [p for p in patterns if p.count("n") == len(value) or p == ""]
            pattern = fitting[i % len(fitting)] if fitting else ""
            value = form(pattern)(value) if pattern else value
        names = labels.split("|") if isinstance(labels, str) else list(labels)
        ROWS.append({"entity": entity, "class": group, "value": parts or value, "labels": names})


# Cards and accounts.
def card():
    prefixes = [("4", 16), ("4", 13), ("4", 19), ("34", 15), ("37", 15), ("6011", 16), ("65", 16), ("644", 16),
                ("3528", 16), ("3589", 16), ("300", 14), ("36", 14), ("38", 14), ("50", 12), ("56", 16), ("6304", 18),
                ("6759", 16), ("6763", 19), ("62", 16), ("62", 19), ("2200", 16), ("2204", 16), ("5018", 13)]
    prefixes += [(str(n), 16) for n in (51, 52, 53, 54, 55, 2221, 2300, 2500, 2720)]
    prefix, length = R.choice(prefixes)
    body = prefix + fill("#{%d}" % (length - len(prefix) - 1))
    return next(body + d for d in DIGITS if luhn(body + d))


def iban():
    country, bban = R.choice([
        ("DE", "#{18}"), ("GB", "@{4}#{14}"), ("FR", "#{10}*{11}#{2}"), ("NL", "@{4}#{10}"), ("ES", "#{20}"), ("IT", "@#{10}*{12}"),
        ("AT", "#{16}"), ("CH", "#{5}*{12}"), ("BE", "#{12}"), ("PL", "#{24}"), ("PT", "#{21}"), ("SE", "#{20}"), ("NO", "#{11}"),
        ("DK", "#{14}"), ("FI", "#{14}"), ("IE", "@{4}#{14}"), ("CZ", "#{20}"), ("GR", "#{7}*{16}"), ("RO", "@{4}*{16}"),
        ("TR", "#{5}0*{16}"), ("SA", "#{2}*{18}"), ("AE", "#{19}"), ("LU", "#{3}*{13}"), ("HU", "#{24}"), ("MT", "@{4}#{5}*{18}"),
        ("BR", "#{23}@*"), ("EE", "#{16}"), ("LV", "@{4}*{13}"), ("LT", "#{16}"), ("IS", "#{22}"), ("HR", "#{17}"), ("IL", "#{19}"),
    ])
    body = fill(bban)
    check = 98 - mod97(body + country + "00")
    return f"{country}{check:02}{body}"


def base58(version):
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    body = bytes([version]) + R.randbytes(20)
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    number, out = int.from_bytes(body, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = alphabet[digit] + out
    return "1" * (len(body) - len(body.lstrip(b"\0"))) + out


def bech32(version, size, constant):
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{b:08b}" for b in R.randbytes(size))
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]

    def polymod(values):
        total = 1
        for value in values:
            top = total >> 25
            total = (total & 0x1FFFFFF) << 5 ^ value
            for i, g in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                total ^= g if top >> i & 1 else 0
        return total
    check = polymod([3, 3, 0, 2, 3] + data + [0] * 6) ^ constant
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return "bc1" + "".join(alphabet[d] for d in data)


def first_check(template, holds):
    return until(holds, template)


DASHED4 = "nnnn nnnn nnnn nnnn||nnnn-nnnn-nnnn-nnnn|nnnn nnnnnn nnnnn|nnnn-nnnnnn-nnnnn|nnnn nnnnnn nnnn|nnnn nnnn nnnn nnnn nnn"
kind("CREDIT_CARD", "C", card, DASHED4, "credit card|Kreditkarte|tarjeta")
kind("CARD_CVV", "W", any_of("###", "####"), "", "CVV|CVC code|security code|Prüfziffer|código de seguridad")
kind("CARD_EXPIRY", "W", any_of(lambda: day("%m/%y", 2024, 2031), lambda: day("%m/%Y", 2024, 2031)), "", "card expiry date|expiration date|gültig bis|caducidad")
kind("CARD_TRACK", "F", lambda: "%B" + card() + "^DOE/JANE^" + day("%y%m", 2025, 2031) + "101000000000?")
kind("PIN", "W", any_of("####", "######"), "", "PIN|PIN code|code PIN|Geheimzahl")
kind("IBAN", "C", iban, ["", "nnnn nnnn nnnn nnnn nnnn nn", "nnnn nnnn nnnn nnnn", "nnnn nnnn nnnn nnnn nnnn nnnn nnn"])
kind("SWIFT_BIC", "W", until(valid("bic"), "@{4}[DFGUBI][EBRSAT]*{2}", "@{4}[DFGUBI][EBRSAT]*{2}*{3}"), "", "SWIFT code|BIC|SWIFT/BIC")
kind("BANK_ACCOUNT", "W", any_of("#{8}", "#{10}", "#{12}", "#{17}"), "", "bank account number|account number|checking account|Kontonummer|número de cuenta")
kind("NZ_BANK_ACCOUNT", "C", std("nz.bankaccount", "0[1236]#{4}#{7}#{2}", "12#{4}#{7}#{3}"), "nn-nnnn-nnnnnnn-nn||nn-nnnn-nnnnnnn-nnn")
kind("US_ABA_ROUTING", "C", std("us.rtn", "0[1-9]#{7}".replace("[1-9]", "[123456789]"), "1[012]#{7}", "[23][123456789]#{7}"))
kind("CUSIP", "C", std("cusip", "#{3}*{3}@{2}#", "#{8}#"))
kind("ISIN", "C", std("isin", "US#{9}#", "DE000*{6}#", "GB00*{7}#", "FR00#{8}#"))
kind("LEI", "C", lambda: (lambda body: f"{body}{98 - mod97(body + '00'):02}")(fill("#{4}00*{12}")))
kind("PT_NIB", "C", lambda: (lambda body: f"{body}{98 - mod97(body + '00'):02}")(fill("00##" + "#{4}" + "#{11}")), "|nnnn.nnnn.nnnnnnnnnnn.nn")


def creditor():
    country, body = R.choice([("DE", "#{11}"), ("AT", "#{11}"), ("NL", "#{12}"), ("FR", "#{6}")])
    text = fill(body)
    return f"{country}{98 - mod97(text + country + '00'):02}ZZZ{text}"


kind("SEPA_CREDITOR_ID", "C", creditor)
kind("CRYPTO_BTC", "C", any_of(lambda: base58(0), lambda: base58(5), lambda: bech32(0, 20, 1), lambda: bech32(0, 32, 1), lambda: bech32(1, 32, 0x2BC830A3)))
kind("CRYPTO_ETH", "F", lambda: "0x" + R.randbytes(20).hex())
kind("CRYPTO_OTHER", "C", any_of(lambda: base58(48), lambda: base58(30), lambda: base58(65)))

# Contact, places, devices.
NAMES = ["jane.doe", "j_smith", "mueller+news", "x.y", "o'brien", "kim-li", "r2d2", "Anna.Schmidt", "info"]
HOSTS = ["example.com", "mail.example.co.uk", "example.org", "sub.domain.example.de", "example.museum", "münchen.example", "xn--mnchen-3ya.example"]
kind("EMAIL_ADDRESS", "F", lambda: R.choice(NAMES) + str(R.randrange(99)) + "@" + R.choice(HOSTS[:5] + HOSTS[6:]))
kind("PHONE_NUMBER", "F", any_of(
    "+1 [23456789]##-[23456789]##-####", "([23456789]##) [23456789]##-####", "[23456789]##-[23456789]##-####", "+1[23456789]##[23456789]######",
    "+44 20 #### ####", "+44 7### ######", "+49 30 #######", "+49 (0)89 ######", "+49 151 ########", "+33 6 ## ## ## ##", "+34 6## ### ###", "+39 3## #######",
    "+81 90-####-####", "+86 138 #### ####", "+91 98### #####", "+55 11 9####-####", "+61 4## ### ###", "+41 44 ### ## ##", "+353 1 ### ####", "0049 30 #######",
    "+1-[23456789]##-[23456789]##-####", "[23456789]##.[23456789]##.####", "1-[23456789]##-[23456789]##-####", "+7 9## ###-##-##"))
kind("IP_ADDRESS", "F", any_of(
    lambda: ".".join(str(R.randrange(1, 255)) for _ in range(4)), lambda: ":".join(f"{R.randrange(65536):x}" for _ in range(8)),
    lambda: "2001:db8::" + f"{R.randrange(1, 65536):x}:{R.randrange(65536):x}", lambda: f"fe80::{R.randrange(1, 65536):x}:{R.randrange(65536):x}:{R.randrange(65536):x}"))
kind("MAC_ADDRESS", "F", any_of(
    lambda: ":".join(f"{b:02x}" for b in R.randbytes(6)), lambda: "-".join(f"{b:02X}" for b in R.randbytes(6)),
    lambda: ":".join(f"{b:02X}" for b in R.randbytes(6)), lambda: ".".join(R.randbytes(2).hex() for _ in range(3))))
kind("URL_DOMAIN", "F", any_of(
    "https://www.example.com/u/[abcdef]{6}", "http://example.org/?id=##", "https://sub.example.co.uk:8080/a/b#[abc]{3}", "www.example.de/[abcdef]{5}", "ftp://files.example.net/[abc]{4}.txt"))


def uuid():
    return (lambda h: f"{h[:8]}-{h[8:12]}-{R.choice('14')}{h[13:16]}-{R.choice('89ab')}{h[17:20]}-{h[20:]}")(R.randbytes(16).hex())


kind("UUID", "F", uuid)
kind("IMEI", "C", std("imei", "35#{13}", "86#{13}", "01#{13}", "49#{13}"), "|nn-nnnnnn-nnnnnn-n|nn nnnnnn nnnnnn n")
kind("ICCID", "C", until(luhn, "89[1-9]#{16}".replace("[1-9]", "[1234]"), "8901#{15}", "8949#{15}", "8944#{16}"))
kind("IMSI", "W", std("imsi", "310150#{9}", "26201#{10}", "23415#{10}", "20801#{10}"), "", "IMSI|IMSI number")


def vin():
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9]))
    values.update({d: int(d) for d in DIGITS})
    body = R.choice(["1HG", "1FT", "2T1", "3VW", "5YJ", "WBA", "JTD"]) + random_text(alphabet, 5) + "?" + random_text("ABCDEFGHJKLMNPRSTVWXY123456789", 1) + random_text(alphabet, 1) + fill("#{6}")
    total = sum(values.get(c, 0) * w for c, w in zip(body, [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]))
    return body.replace("?", "0123456789X"[total % 11])


kind("VIN", "C", vin)
kind("LICENSE_PLATE", "W", any_of("[BMK]-@{2} ####", "HH-@{2} ###", "@{2}## @{3}", "@{2}##@{3}", "@{3}-####", "@{2}-###-@{2}", "#@{3}###", "#### @{3}"), "", "license plate|number plate|Kennzeichen|immatriculation|matrícula|targa")
kind("NG_VEHICLE_REGISTRATION", "W", "@{3}-###@{2}", "", "Nigerian vehicle registration|plate number")
kind("TR_LICENSE_PLATE", "W", any_of("34 @{2} ####", "06 @{3} ##", "35 @{2} ###", "34 @{3} ###"), "", "plaka|araç plakası|Turkish plate")
kind("GPS_COORDINATES", "F", lambda: f"{R.uniform(-89, 89):.6f}, {R.uniform(-179, 179):.6f}")
kind("DATE_TIME", "F", any_of(*[(lambda t: lambda: day(t))(t) for t in ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d-%m-%Y", "%d %b %Y"]]))
kind("DATE_OF_BIRTH", "W", any_of(*[(lambda t: lambda: day(t))(t) for t in ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%d/%m/%y"]]), "", "date of birth|DOB|birthday|Geburtsdatum|fecha de nacimiento|date de naissance")
kind("AGE", "W", any_of(lambda: f"{R.randrange(18, 99)} years old", lambda: f"{R.randrange(18, 99)} Jahre alt", lambda: f"{R.randrange(18, 99)}-year-old"), "", "patient's age|age")
kind("USERNAME", "W", lambda: R.choice(["jdoe", "anna_s", "kim.lee", "mueller"]) + str(R.randrange(10, 99)), "", "username|user name|login|Benutzername")
kind("HTTP_COOKIE", "F", lambda: f"Cookie: sid={R.randbytes(8).hex()}; theme=dark")
kind("HTTP_USER_AGENT", "F", lambda: f"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:{R.randrange(90, 140)}.0) Gecko/20100101 Firefox/{R.randrange(90, 140)}.0")
kind("POSTAL_CODE", "W", any_of("SW1A #[ABDEFGHJLN]{2}", "#####", "K#A #B#", "D0# A#@#", "#####-####", "EC1V #[ABDEFGHJLN]{2}"), "", "postal code|ZIP code|postcode|Postleitzahl|code postal|código postal")
kind("PO_BOX", "F", any_of("PO Box ####", "P.O. Box ###", "P.O. Box #####", "Postfach ## ## ##"))
kind("DRIVER_LICENSE_GENERIC", "W", any_of("@#{7}", "#{9}", "@{2}#{6}"), "", "driver's license|driving licence number|Führerschein|permis de conduire|patente")
kind("PASSPORT_GENERIC", "W", any_of("@#{8}", "#{9}", "@{2}#{7}", "@#{7}"), "", "passport|passport number|Reisepass|passeport|pasaporte|passaporto")
kind("NATIONAL_ID_GENERIC", "W", any_of("#{8}", "#{10}", "#{12}", "@#{7}"), "", "national ID|national identity number|identity card|carte d'identité|documento de identidad")


def mrz():
    number, birth, expiry = fill("@#{8}"), day("%y%m%d"), day("%y%m%d", 2025, 2034)
    nation = R.choice(["UTO", "USA", "GBR", "FRA"])
    body = number + str(icao(number)) + nation + birth + str(icao(birth)) + R.choice("MF") + expiry + str(icao(expiry)) + "<" * 14 + "0"
    whole = (body[:10] + body[13:20] + body[21:43]).replace("<", "0")
    return body + str(icao(whole))


kind("PASSPORT_MRZ", "C", mrz)
kind("ORCID", "C", std("isni", "000000#{9}*", "00000001#{7}[0123456789X]", "00000002#{7}[0123456789X]"), "nnnn-nnnn-nnnn-nnnn")

# Secrets.
def parts(head, tail):
    cut = max(1, len(head) // 2)
    return [head[:cut], head[cut:] + tail]


def secret(*makers):
    return any_of(*[(lambda h, a, n: lambda: parts(h, random_text(a, n)))(*m) for m in makers])


HEX = "0123456789abcdef"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
B64 = WORD + "+/"
kind("PASSWORD", "W", lambda: R.choice(["Tr0ub4dor", "S3cret", "hunter", "Pa55w0rd", "qwertz"]) + random_text(WORD + "!$%", 4) + str(R.randrange(10)), "", "password|Passwort|contraseña|mot de passe|pwd")
kind("SECRET_AWS_ACCESS_KEY", "F", secret(("AKIA", BASE32, 16), ("ASIA", BASE32, 16)))
kind("SECRET_AWS_SECRET_KEY", "W", lambda: parts("", random_text(B64, 40)), "", "AWS secret access key|aws_secret_access_key")
kind("SECRET_AZURE", "F", any_of(
    lambda: parts("DefaultEndpointsProtocol=https;AccountName=store;AccountKey=", base64.b64encode(R.randbytes(64)).decode() + ";EndpointSuffix=core.windows.net"),
    lambda: parts("Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=", base64.b64encode(R.randbytes(32)).decode())))
kind("SECRET_GCP", "F", secret(("AIza", URL, 35)))
kind("SECRET_OPENAI", "F", any_of(
    lambda: parts("sk-proj-", random_text(URL, 74) + "T3BlbkFJ" + random_text(URL, 74)), lambda: parts("sk-", random_text(WORD, 20) + "T3BlbkFJ" + random_text(WORD, 20)),
    lambda: parts("sk-svcacct-", random_text(URL, 58) + "T3BlbkFJ" + random_text(URL, 58))))
kind("SECRET_ANTHROPIC", "F", any_of(lambda: parts("sk-ant-api03-", random_text(URL, 93) + "AA"), lambda: parts("sk-ant-admin01-", random_text(URL, 93) + "AA")))
kind("SECRET_OTHER_LLM", "F", secret(("hf_", UPPER + UPPER.lower(), 34), ("gsk_", WORD, 52), ("pplx-", WORD, 48), ("r8_", WORD, 37), ("xai-", WORD, 80), ("sk-or-v1-", HEX, 64), ("nvapi-", URL, 64)))
kind("SECRET_GITHUB", "F", secret(("ghp_", WORD, 36), ("gho_", WORD, 36), ("ghs_", WORD, 36), ("ghr_", WORD, 36), ("github_pat_", WORD + "_", 82)))
kind("SECRET_GITLAB", "F", secret(("glpat-", URL, 20), ("gldt-", URL, 20), ("glrt-", URL, 20), ("glptt-", HEX, 40)))
kind("SECRET_SLACK", "F", any_of(
    lambda: parts("xoxb-", fill("#{11}-#{12}-") + random_text(WORD, 24)), lambda: parts("xoxp-", fill("#{11}-#{11}-#{12}-") + random_text(HEX, 32)),
    lambda: parts("xapp-", "1-A" + fill("#{10}-#{13}-") + random_text(HEX, 64)), lambda: parts("https://hooks.slack.com/services/", fill("T*{8}/B*{10}/") + random_text(WORD, 24))))
kind("SECRET_STRIPE", "F", secret(("sk_live_", WORD, 24), ("rk_live_", WORD, 24), ("sk_test_", WORD, 99), ("whsec_", WORD, 32)))
kind("SECRET_NPM", "F", secret(("npm_", WORD, 36)))
kind("SECRET_PYPI", "F", secret(("pypi-AgEIcHlwaS5vcmc", URL, 90)))
kind("SECRET_SENDGRID", "F", lambda: parts("SG.", random_text(URL, 22) + "." + random_text(URL, 43)))
kind("SECRET_TWILIO", "F", secret(("SK", HEX, 32)))
kind("SECRET_TELEGRAM", "F", lambda: parts(fill("^#{9}:"), "AA" + random_text(URL, 33)))
kind("SECRET_DIGITALOCEAN", "F", secret(("dop_v1_", HEX, 64), ("doo_v1_", HEX, 64)))
kind("SECRET_DATABRICKS", "F", secret(("dapi", HEX, 32)))
kind("SECRET_HASHICORP", "F", any_of(lambda: parts("hvs.", random_text(URL, 90)), lambda: parts(random_text(WORD, 14) + ".atlasv1.", random_text(URL, 67))))
kind("SECRET_SHOPIFY", "F", secret(("shpat_", HEX, 32), ("shpss_", HEX, 32)))
kind("SECRET_VENDOR", "F", secret(("glsa_", WORD, 41), ("lin_api_", WORD, 40), ("dckr_pat_", URL, 27), ("NRAK-", UPPER + DIGITS, 27), ("figd_", URL, 43), ("rubygems_", HEX, 48)))


def jwt():
    encode = lambda data: base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
    return parts(encode({"alg": "HS256", "typ": "JWT"}), "." + encode({"sub": str(R.randrange(10**9)), "iat": R.randrange(10**9)}) + "." + random_text(URL, 43))


kind("SECRET_JWT", "F", jwt)
kind("SECRET_PRIVATE_KEY", "F", lambda: (lambda name: parts(f"-----BEGIN {name}-----\n", "\n".join(random_text(B64, 64) for _ in range(4)) + f"\n-----END {name}-----"))(R.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])))
kind("SECRET_BASIC_AUTH", "F", any_of(
    lambda: parts("Authorization: Basic ", base64.b64encode(f"user{R.randrange(99)}:{random_text(WORD, 10)}".encode()).decode()),
    lambda: parts("Authorization: Bearer ", random_text(URL, 40)), lambda: parts("postgres://", f"app:{random_text(WORD, 12)}@db.example.com:5432/main"),
    lambda: parts("https://", f"bot:{random_text(WORD, 12)}@git.example.com/a.git")))
kind("SECRET_GENERIC", "W", lambda: parts("", random_text(WORD, R.randrange(20, 48))), "", "api_key|API key|client_secret|access_token|auth token")
kind("SECRET_PASSWORD_HASH", "F", any_of(
    lambda: parts("$2b$", "12$" + random_text(WORD + "./", 53)), lambda: parts("$argon2id$", "v=19$m=65536,t=3,p=4$" + random_text(B64, 22) + "$" + random_text(B64, 43)),
    lambda: parts("$6$", random_text(WORD, 12) + "$" + random_text(WORD + "./", 86)), lambda: parts("$1$", random_text(WORD, 8) + "$" + random_text(WORD + "./", 22))))

# United States.
kind("US_SSN", "W", std("us.ssn", "[1234567]#{8}", "0##" + "#{6}"), "nnn-nn-nnnn||nnn nn nnnn", "SSN|social security number|Social Security")
kind("US_ITIN", "W", std("us.itin", "9##[789]#{5}", "9##5#{5}"), "nnn-nn-nnnn||nnn nn nnnn", "ITIN|taxpayer identification number|individual taxpayer number")
kind("US_ATIN", "W", std("us.atin", "9##93####"), "nnn-nn-nnnn|", "ATIN|adoption taxpayer number")
kind("US_PTIN", "F", "P#{8}", "", "PTIN")
kind("US_EIN", "W", std("us.ein", "#{9}"), "nn-nnnnnnn|", "EIN|employer identification number|federal tax ID")
kind("US_PASSPORT", "W", any_of("#{9}", "[ACXYZ]#{8}"), "", "US passport|passport number|passport")
kind("US_DRIVER_LICENSE", "W", any_of("@#{7}", "@#{8}", "#{8}", "#{9}", "@#{12}", "@##-###-###"), "", "driver's license|driver license number|DL number|driving license")
kind("US_DOD_ID", "W", "1#{9}", "", "DoD ID|EDIPI|military ID")
kind("US_PHONE_EXTENSION", "W", any_of("###", "####"), "", "telephone extension|phone ext|phone extension")
MBI = "ACDEFGHJKMNPQRTUVWXY"
kind("US_MBI", "F", f"^[{MBI}][{MBI}{DIGITS}]#[{MBI}][{MBI}{DIGITS}]#[{MBI}]{{2}}##", "nnnn-nnn-nnnn|")
kind("US_NPI", "C", until(lambda v: luhn("80840" + v), "1#{9}", "2#{9}"))
kind("US_DEA", "C", until(lambda v: (int(v[2]) + int(v[4]) + int(v[6]) + 2 * (int(v[3]) + int(v[5]) + int(v[7]))) % 10 == int(v[8]), "[ABFGM]@#{7}"))
kind("US_HEALTHCARE_ADMIN", "W", any_of("W#{9}", "@{3}#{9}", "#{10}", "CLM#{8}", "RX#{7}"), "", "member ID|claim number|prescription number|prior authorization number|referral number")
kind("MEDICAL_RECORD_NUMBER", "W", any_of("#{6}", "#{8}", "@#{7}", "#{10}"), "", "MRN|medical record number|patient ID|Patientennummer")

# United Kingdom and Ireland.
kind("UK_NHS", "C", std("gb.nhs", "[4679]#{9}"), "nnn nnn nnnn||nnn-nnn-nnnn")
kind("UK_CHI", "C", until(lambda v: valid("gb.nhs")(v), dated("%d%m%y", "####")), "|nnnnnn nnnn")
kind("UK_NINO", "F", "[ABCEGHJKLMNPRSTWXYZ][ABCEGHJKLMPRSTWXYZ]#{6}[ABCD]", "nn nn nn nn n|")
kind("UK_UTR", "C", std("gb.utr", "#{10}"), "|nnnnn nnnnn")
kind("UK_DRIVING_LICENCE", "F", lambda: R.choice(["SMITH", "JONES", "MORGA", "LEE99", "BROWN"]) + fill("#") + R.choice(["01", "12", "57", "60", "08"]) + fill("[01][12345678]#") + R.choice(["J", "A", "M"]) + R.choice("9PW") + fill("#@{2}"))
kind("UK_PASSPORT", "W", "#{9}", "", "UK passport|British passport number|passport")
kind("UK_ELECTORAL_ROLL", "W", any_of("@{2}###", "@{3}####"), "", "electoral roll number|electoral number|voter number")
kind("UK_VAT", "C", std("gb.vat", "GB#{9}"), "|nn nnn nnnn nn")
kind("UK_SORT_CODE", "W", "[234]#####", "nn-nn-nn|", "sort code|bank sort code")
kind("IE_PPSN", "C", std("ie.pps", "#{7}@", "#{7}@[ABH]"))
kind("IE_DRIVER_LICENSE", "W", "#{9}", "", "Irish driving licence|driver number|driving licence number")
kind("CA_HEALTH", "C", any_of(until(luhn, "[123456789]#{9}"), std("ca.bc_phn", "9#{9}")), "nnnn nnn nnn||nnnn-nnn-nnn")

# German-speaking countries.
kind("DE_TAX_ID", "C", std("de.idnr", "^#{10}"), "|nn nnn nnn nnn")
kind("DE_TAX_NUMBER", "W", std("de.stnr", "##/###/#####", "###/###/#####", "###/####/####"), "", "Steuernummer|St.-Nr.|tax number")
kind("DE_VAT_ID", "C", std("de.vat", "DE^#{8}"), "|nn nnnnnnnnn|nn nnn nnn nnn")
SERIAL = "CFGHJKLMNPRTVWXYZ0123456789"
kind("DE_ID_CARD", "C", lambda: (lambda b: b + str(icao(b)))(fill(f"[LMNPRTVWXY][{SERIAL}]{{8}}")))
kind("DE_PASSPORT", "C", lambda: (lambda b: b + str(icao(b)))(fill(f"[CFGHJK][{SERIAL}]{{8}}")))
kind("DE_DRIVER_LICENSE", "W", "[ABCDEFGHIJ]##*[0123456789]*{2}[0123456789]#5*", "", "Führerscheinnummer|Führerschein|German driving licence")


def drv():
    area, letter = R.choice(["15", "12", "65", "04", "26"]), R.choice(UPPER)
    body = area + day("%d%m%y") + letter + fill("##")
    digits = body[:8] + f"{ord(letter) - 64:02}" + body[9:]
    total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(digits, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]))
    return body + str(total % 10)


def kvnr():
    letter, digits = R.choice(UPPER), fill("#{8}")
    total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(f"{ord(letter) - 64:02}" + digits, [1, 2] * 5))
    return letter + digits + str(total % 10)


kind("DE_SOCIAL_SECURITY", "C", drv, "|nn nnnnnn n nnn")
kind("DE_HEALTH_INSURANCE", "C", kvnr)
kind("DE_LANR", "C", lambda: (lambda b: b + str(-weighted(b, [4, 9] * 3) % 10) + fill("##"))(fill("^#{5}")))
kind("DE_BSNR", "W", "#{9}", "", "BSNR|Betriebsstättennummer")
kind("DE_HANDELSREGISTER", "F", any_of("HRB #####", "HRA ####", "HRB ######", "HRB#####"))
kind("DE_SCHUFA", "W", "#{9}", "", "SCHUFA-ID|Schufa")
kind("DE_PLZ", "W", "[12345678]#{4}", "", "PLZ|Postleitzahl")
kind("AT_SVNR", "C", until(valid("at.vnr"), lambda: fill("^#{3}") + day("%d%m%y")), "nnnn nnnnnn|")
kind("AT_TIN", "C", std("at.tin", "#{9}"), "nn-nnn/nnnn|")
kind("AT_VAT", "C", std("at.uid", "ATU#{8}"))
kind("AT_ID_CARD", "W", any_of("#{8}", "@{2}#{7}"), "", "österreichischer Personalausweis|Personalausweis|identity card")
kind("CH_AHV", "C", std("ch.ssn", "756#{10}"), "nnn.nnnn.nnnn.nn|")
kind("CH_UID", "C", std("ch.uid", "CHE#{9}"), "nnn-nnn.nnn.nnn|")
kind("LI_PEID", "W", std("li.peid", "#{7}", "#{6}", "#{5}"), "", "PEID|Liechtenstein PEID")
kind("DE_WKN", "W", std("de.wkn", "[A0123456789]#{2}*{3}"), "", "WKN|Wertpapierkennnummer")

# European Union.
VATS = [("bg", "BG#{9}"), ("dk", "DK#{8}"), ("ee", "EE#{9}"), ("fi", "FI#{8}"), ("gr", "EL#{9}"), ("hr", "HR#{11}"), ("lu", "LU#{8}"), ("mt", "MT#{8}"),
        ("pl", "PL#{10}"), ("pt", "PT#{9}"), ("se", "SE#{10}01"), ("si", "SI#{8}"), ("sk", "SK#{10}"), ("it", "IT#{7}0###"), ("lv", "LV4#{10}"), ("cz", "CZ#{8}"),
        ("lt", "LT#{7}1#"), ("ro", "RO#{8}"), ("cy", "CY#{8}@"), ("hu", "HU#{8}"), ("nl", "NL#{9}B0#"), ("be", "BE0#{9}"), ("es", "ESB#{8}"), ("ie", "IE#{7}@")]
kind("EU_VAT_GENERIC", "C", any_of(*[std("eu.vat", template) for _, template in VATS]))
kind("FR_NIR", "C", lambda: (lambda b: f"{b}{97 - int(b) % 97:02}")(fill("[12]") + day("%y%m") + fill("[01234678]#") + fill("#{6}")), "|n nn nn nn nnn nnn nn")
kind("FR_CNI", "W", any_of("#{12}", "[XDFTV]*{7}#"), "", "carte nationale d'identité|CNI")
kind("FR_TAX_SPI", "C", lambda: (lambda b: f"{b}{int(b) % 511:03}")(fill("[0123]#{9}")), "|nn nn nnn nnn nnn")
kind("FR_PASSPORT", "W", "##@{2}#{5}", "", "passeport|numéro de passeport|French passport")
kind("FR_DRIVER_LICENSE", "W", "#{12}", "", "permis de conduire|numéro de permis")
kind("FR_HEALTH_INSURANCE", "W", "#{21}", "", "carte Vitale|assurance maladie")
kind("FR_VAT", "C", until(valid("fr.tva"), "FR##[3456789]#{8}"), "|nn nn nnn nnn nnn|nn nn nnnnnnnnn")
kind("FR_SIREN", "C", std("fr.siren", "[3456789]#{8}"), "nnn nnn nnn|")
kind("FR_SIRET", "C", std("fr.siret", "[3456789]#{8}000##"), "nnn nnn nnn nnnnn|")
kind("ES_NIF_DNI", "C", std("es.dni", "#{8}@"), "|nnnnnnnn-n|nn.nnn.nnn-n|nnnnnnnn n")
kind("ES_NIE", "C", std("es.nie", "[XYZ]#{7}@"), "|n-nnnnnnn-n|n nnnnnnn n")
kind("ES_CIF", "C", std("es.cif", "[ABCDEFGHJUV]#{8}", "[NPQRSW]#{7}[ABCDEFGHIJ]"), "|n-nnnnnnnn")
kind("ES_NSS", "C", lambda: (lambda p, b: f"{p}{b}{int(p + b) % 97:02}")(f"{R.randrange(1, 53):02}", fill("^#{7}")), "|nn/nnnnnnnn/nn|nn-nnnnnnnn-nn|nn nnnnnnnn nn")
kind("ES_PASSPORT", "W", "@{3}#{6}", "", "pasaporte|pasaporte español|passport")
kind("ES_DRIVER_LICENSE", "C", std("es.dni", "#{8}@"), "|nnnnnnnn-n", "permiso de conducir|carnet de conducir")
kind("IT_FISCAL_CODE", "C", std("it.codicefiscale", lambda: fill("[BCDFGLMNPRSTV]{3}[BCDFGLMNPRSTV]{3}") + day("%y") + fill("[ABCDEHLMPRST]") + f"{R.choice([0, 40]) + R.randrange(1, 29):02}" + fill("[ABCDEFGHIL]###@")))
kind("IT_VAT", "C", std("it.iva", "#{7}0###"))
kind("IT_DRIVER_LICENSE", "W", any_of("@{2}#{7}@", "U1*{7}@"), "", "patente|patente di guida|Italian driving licence")
kind("IT_ID_CARD", "W", any_of("C[AB]#{5}@{2}", "@{2}#{7}"), "", "carta d'identità|carta di identità|numero CIE")
kind("IT_PASSPORT", "W", "Y[AB]#{7}", "", "passaporto|passaporto italiano|passport")
kind("PT_CC", "C", std("pt.cc", "#{8}#@{2}#", "#{8}#*{2}#"), "|nnnnnnnn n nnn")
kind("PT_NIF", "C", std("pt.nif", "[1235689]#{8}"), "|nnn nnn nnn")
kind("PT_NISS", "C", lambda: (lambda b: b + str(9 - weighted(b, [29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10))(fill("[12]#{9}")))
kind("NL_BSN", "C", std("nl.bsn", "#{9}"), "|nnnn.nn.nnn")
kind("NL_VAT", "C", std("nl.btw", "NL#{9}B0#"), "|nnnnnnnnnnnnnn")
kind("NL_PASSPORT", "F", std("nl.identiteitskaartnummer", "@{2}*{6}#"))
kind("BE_NN", "C", std("be.nn", lambda: day("%y%m%d") + fill("#{5}")), "nn.nn.nn-nnn.nn|")
kind("BE_VAT", "C", std("be.vat", "0#{9}"), "nnnn.nnn.nnn|")


def lux():
    """Birth date, serial, Luhn over these, Verhoeff over the first eleven and itself."""
    body = day("%Y%m%d") + fill("###")
    check = next(d for d in DIGITS if luhn(body + d))
    return body + check + importlib.import_module("stdnum.verhoeff").calc_check_digit(body)


kind("LU_NATIONAL_ID", "C", lux)
kind("PL_PESEL", "C", std("pl.pesel", lambda: day("%y%m%d", 1940, 1999) + fill("#{5}")))
kind("PL_ID_CARD", "C", until(lambda v: (weighted(v[:3], [7, 3, 1]) + weighted(v[4:], [7, 3, 1, 7, 3])) % 10 == int(v[3]), "[ABCD]@{2}#{6}"), "|nnn nnnnnn")
kind("PL_PASSPORT", "C", until(lambda v: (weighted(v[:2], [7, 3]) + weighted(v[3:], [1, 7, 3, 1, 7, 3])) % 10 == int(v[2]), "[AE]@#{7}"), "|nn nnnnnnn")
kind("PL_NIP", "C", std("pl.nip", "[123456789]#{9}"), "nnn-nnn-nn-nn||nnn-nn-nn-nnn")
kind("PL_REGON", "C", std("pl.regon", "#{9}", "#{14}"))
kind("CZ_SK_RC", "C", std("cz.rc", lambda: day("%y%m%d", 1955, 1999) + fill("#{4}")), "nnnnnn/nnnn|")
kind("HU_PERSONAL", "C", lambda: next(v for v in iter(lambda: (lambda b: b + str(weighted(b, range(1, 11)) % 11))(fill("[12]") + day("%y%m%d", 1940, 1996) + fill("###")), None) if len(v) == 11), "n-nnnnnn-nnnn||n nnnnnn nnnn")
kind("HU_TAX", "C", lambda: next(v for v in iter(lambda: (lambda b: b + str(weighted(b, range(1, 10)) % 11))(fill("8#{8}")), None) if len(v) == 10))
kind("HU_VAT", "C", std("hu.anum", "#{8}", "HU#{8}"))
kind("RO_CNP", "C", std("ro.cnp", lambda: fill("[12]") + day("%y%m%d", 1940, 1999) + f"{R.randrange(1, 47):02}" + fill("#{4}")))
kind("BG_EGN", "C", std("bg.egn", lambda: day("%y%m%d", 1940, 1999) + fill("#{4}")))
kind("HR_OIB", "C", std("hr.oib", "#{11}"))
kind("HR_ID_CARD", "W", "1#{8}", "", "osobna iskaznica|broj osobne iskaznice")
kind("SI_EMSO", "C", std("si.emso", lambda: day("%d%m", 1940, 1999) + "9" + fill("[45678]#") + "50" + fill("#{4}")))
kind("SI_TIN", "C", std("si.ddv", "^#{7}"))
kind("EE_IK", "C", std("ee.ik", lambda: fill("[34]") + day("%y%m%d", 1940, 1999) + fill("#{4}")))
kind("LT_PK", "C", std("lt.asmens", lambda: fill("[34]") + day("%y%m%d", 1940, 1999) + fill("#{4}")))
kind("LV_PK", "C", std("lv.pvn", lambda: day("%d%m%y", 1940, 1999) + "1" + fill("#{4}"), lambda: "32" + fill("#{9}")), "nnnnnn-nnnnn|")
kind("GR_ID_CARD", "W", any_of("[ABXZ]#{6}", "A[BEKMNT] #{6}", "A[BEKMNT]#{6}"), "", "Greek identity card|Greek ID|δελτίο ταυτότητας|ταυτότητα")
kind("GR_AFM", "C", std("gr.vat", "[01]#{8}"))
kind("CY_ID", "W", any_of("#{6}", "#{7}"), "", "Cyprus ID|Cypriot identity card")
kind("CY_TIN", "C", std("cy.vat", "#{8}@"))
kind("MT_ID", "W", "#{7}[MGAPL]", "", "Maltese ID card|Malta identity card")
kind("MT_TIN", "W", "#{9}", "", "Malta TIN|Maltese tax number")
kind("UA_RNTRC", "C", std("ua.rntrc", "[123]#{9}"))
kind("RU_INN", "C", std("ru.inn", "#{10}", "#{12}"))
kind("RU_SNILS", "C", lambda: (lambda b: f"{b}{weighted(b, range(9, 0, -1)) % 101 % 100:02}")(fill("1#{8}")), "nnn-nnn-nnn nn|")
kind("RU_PASSPORT", "W", "4[56789]##" + "#{6}", "nnnn nnnnnn|nn nn nnnnnn|", "паспорт|серия и номер паспорта|Russian passport")
kind("TR_TCKN", "C", std("tr.tckimlik", "^#{10}"))
kind("OTHER_PASSPORTS", "W", any_of("[BEP][ABEPRT]#{7}", "@#{6}", "#{9}"), "", "útlevél|paszport|paspoort|putovnica|cestovní pas")

# The North.
kind("DK_CPR", "W", until(valid("dk.cpr"), lambda: day("%d%m%y", 1940, 1999) + fill("[0123]###")), "nnnnnn-nnnn|", "CPR|CPR-nummer|CPR number")
kind("SE_PERSONNUMMER", "C", std("se.personnummer", lambda: day("%y%m%d") + "-" + fill("####"), lambda: day("%Y%m%d") + "-" + fill("####"), lambda: day("%y%m%d") + fill("####"), lambda: day("%Y%m%d") + fill("####")))
kind("SE_ORGNR", "C", std("se.orgnr", "[5278][56789][23456789]#{7}"), "nnnnnn-nnnn|")
kind("SE_PASSPORT", "W", "#{8}", "", "svenskt pass|passnummer|Swedish passport")
kind("NO_FNR", "C", std("no.fodselsnummer", lambda: day("%d%m%y", 1940, 1999) + fill("[01234]#{4}")), "|nnnnnn nnnnn")
kind("NO_ORGNR", "C", std("no.orgnr", "[89]#{8}"), "nnn nnn nnn|")
kind("FI_HETU", "C", std("fi.hetu", lambda: day("%d%m%y", 1940, 1999) + "-" + fill("[012345678]##*"), lambda: day("%d%m%y", 2000, 2005) + "A" + fill("[012345678]##*")))
kind("FI_BUSINESS_ID", "C", std("fi.ytunnus", "#{7}-#"))
kind("FI_EHIC", "C", until(luhn, "80246#{15}"), "|nnnnn nnnnn nnnnn nnnnn")
kind("FI_PASSPORT", "W", "[FPX][PRX]#{7}", "", "passin numero|passi|Finnish passport")
kind("IS_KENNITALA", "C", std("is_.kennitala", lambda: day("%d%m%y", 1940, 1999) + fill("###9")), "nnnnnn-nnnn|")
kind("DK_CVR", "C", std("dk.cvr", "^#{7}"), "nn nn nn nn|")

# The Americas.
kind("CA_SIN", "C", std("ca.sin", "[1234567]#{8}"), "nnn-nnn-nnn|nnn nnn nnn|")
kind("CA_PASSPORT", "W", any_of("@{2}#{6}", "@#{6}@{2}"), "", "Canadian passport|passport|passeport canadien")
kind("CA_DRIVER_LICENSE", "W", any_of("@####-#####-#####", "#{7}", "@#{14}", "@#{12}"), "", "Ontario driver's licence|driver's licence|permis de conduire")
kind("CA_BN", "C", std("ca.bn", "#{9}", "#{9}RT000#", "#{9}RC000#"))
kind("BR_CPF", "C", std("br.cpf", "#{11}"), "nnn.nnn.nnn-nn|")
kind("BR_CNPJ", "C", std("br.cnpj", "#{8}000###", "*{8}000###"), "nn.nnn.nnn/nnnn-nn|")
kind("BR_RG", "W", "#{9}", "nn.nnn.nnn-n|", "RG|carteira de identidade|registro geral")
kind("BR_PIS", "C", lambda: (lambda b: (lambda c: b + str(0 if c > 9 else c))((11 - weighted(b, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11))(fill("1#{9}")), "nnn.nnnnn.nn-n|")
kind("MX_CURP", "C", std("mx.curp", lambda: fill("[BCDGHLMR][AEIOU][BCDGHLMR]{2}") + day("%y%m%d", 1940, 1999) + fill("[HM]") + R.choice(["DF", "JC", "NL", "MC", "VZ"]) + fill("[BCDGHLMR]{3}##")))
kind("MX_RFC", "C", std("mx.rfc", lambda: fill("[BCDGHLMR][AEIOU][BCDGHLMR]{2}") + day("%y%m%d") + fill("*{3}"), lambda: fill("[BCDGHLMR]{3}") + day("%y%m%d") + fill("*{3}")))
kind("MX_NSS", "C", until(luhn, "[0123456789]#{10}"), "|nn nn nn nnnn n")
kind("AR_DNI", "W", "[1234]#{7}", "nn.nnn.nnn|", "DNI|DNI argentino|documento nacional de identidad")
kind("AR_CUIT", "C", std("ar.cuit", "2[0347]#{9}", "30#{9}"), "nn-nnnnnnnn-n|")
kind("CL_RUT", "C", std("cl.rut", "[12]#{7}[0123456789K]", "[56789]#{6}[0123456789K]"), "nn.nnn.nnn-n|nnnnnnnn-n|n.nnn.nnn-n|nnnnnnn-n")
kind("CO_CC", "W", any_of("1#{9}", "#{8}", "1.###.###.###"), "", "cédula de ciudadanía|cédula|Colombian cédula")
kind("CO_NIT", "C", std("co.nit", "[89]#{9}"), "nnn.nnn.nnn-n|nnnnnnnnn-n|")
kind("PE_DNI", "W", "#{8}", "", "DNI|DNI peruano|documento de identidad")
kind("PE_RUC", "C", std("pe.ruc", "[12]0#{9}"))
kind("UY_CI", "C", until(lambda v: weighted(v, [2, 9, 8, 7, 6, 3, 4, 1]) % 10 == 0, "[12345]#{7}"), "n.nnn.nnn-n|")
kind("PY_CIC", "W", any_of("#.###.###", "#{7}"), "", "cédula de identidad|cédula paraguaya")
kind("PY_RUC", "C", std("py.ruc", "80#{7}", "[123456]#{7}"), "nnnnnnnn-n|nnnnnnn-n")
kind("VE_CI", "W", any_of("V-##.###.###", "V#{8}", "V-#{8}", "E-#{8}"), "", "cédula|cédula de identidad|Venezuelan cédula")
kind("EC_CI", "C", std("ec.ci", "0[123456789][012345]#{7}", "1#[012345]#{7}"), "|nnnnnnnnn-n")
kind("DO_CEDULA", "C", std("do.cedula", "0##" + "#{8}"), "nnn-nnnnnnn-n|")

# Asia and Oceania.
kind("IN_AADHAAR", "C", std("in_.aadhaar", "[23456789]#{11}"), "nnnn nnnn nnnn||nnnn-nnnn-nnnn")
kind("IN_PAN", "F", std("in_.pan", "@{3}[PCHFATBLJG]@####@"))
kind("IN_GSTIN", "C", std("in_.gstin", "27@{3}[PC]@####@1Z*", "07@{3}[PC]@####@2Z*"))
kind("IN_PASSPORT", "W", "[JKLMNPRSTZ]#{7}", "", "Indian passport|passport number|passport")
kind("IN_VOTER", "F", std("in_.epic", "@{3}#{7}"))
kind("IN_NREGA", "F", any_of("RJ-##-###-###-###/###", "UP-##-###-###-###/##"))
kind("IN_VEHICLE_REGISTRATION", "W", any_of("MH##@{2}####", "DL ## @{2} ####", "KA##@####"), "", "vehicle registration|car number|Indian vehicle registration")
kind("SG_NRIC_FIN", "C", until(lambda v: {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT"}[v[0]][weighted(v[1:8], [2, 7, 6, 5, 4, 3, 2]) % 11] == v[8], "[STFG]#{7}@"))
kind("SG_UEN", "C", std("sg.uen", "#{8}@", "20[01]#{6}@", "T##LL####@", "S##FC####@"))


def hkid():
    body = fill(R.choice(["[ABCDEFGHKMPRSVWYZ]#{6}", "W[X]#{6}"]))
    total = sum(v * w for v, w in zip([36] * (8 - len(body)) + [int(c, 36) for c in body], [9, 8, 7, 6, 5, 4, 3, 2]))
    return body + "0A987654321"[total % 11]


kind("HK_ID", "C", hkid, "nnnnnnn(n)||nnnnnnnn(n)")
TW = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def taiwan(template):
    def holds(v):
        first = TW.index(v[0]) + 10
        second = int(v[1]) if v[1].isdigit() else TW.index(v[1]) % 10
        return (first // 10 + first % 10 * 9 + second * 8 + weighted(v[2:], [7, 6, 5, 4, 3, 2, 1, 1])) % 10 == 0
    return until(holds, template)


kind("TW_ID", "C", taiwan("@[12]#{8}"))
kind("TW_RESIDENT_CERT", "C", any_of(taiwan("@[ABCD]#{8}"), taiwan("@[89]#{8}")))
kind("CN_RIC", "C", std("cn.ric", lambda: R.choice(["110105", "310101", "440106", "510104"]) + day("%Y%m%d") + fill("###[0123456789X]")))
kind("CN_PHONE", "W", any_of("13#{9}", "15# #### ####", "18#-####-####"), "", "手机|手机号码|电话")
kind("CN_PASSPORT", "W", any_of("E#{8}", "G#{8}"), "", "护照|护照号码|Chinese passport")
kind("CN_USCC", "C", std("cn.uscc", "91110000[0123456789ABCDEFGHJKLMNPQRTUWXY]{10}", "91310115#{8}X[0123456789ABCDEFGHJKLMNPQRTUWXY]"))
kind("JP_MY_NUMBER", "C", std("jp.in_", "#{12}"), "nnnn nnnn nnnn||nnnn-nnnn-nnnn")
kind("JP_CORPORATE", "C", std("jp.cn", "#{13}"), "|n-nnnn-nnnn-nnnn")
kind("JP_DRIVER_LICENSE", "C", until(lambda v: (lambda r: int(v[10]) == (0 if r <= 1 else 11 - r))(weighted(v[:10], [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11), "[1234569]0#{10}"))
kind("JP_RESIDENT_REG", "C", until(lambda v: (lambda r: int(v[10]) == (0 if r <= 1 else 11 - r))(weighted(v[:10], [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) and (lambda r: int(v[10]) == (0 if r <= 1 else 11 - r))(weighted(v[:10], [6, 5, 4, 3, 2, 7, 6, 5, 4, 3]) % 11), "#{11}"))
kind("JP_RESIDENCE_CARD", "F", "@{2}#{8}@{2}")
kind("JP_SOCIAL_INSURANCE", "W", "#{10}", "nnnn-nnnnnn|", "基礎年金番号|年金番号|Japanese pension number")
kind("JP_PASSPORT", "W", "T[RKZ]#{7}", "", "旅券番号|パスポート|Japanese passport")
kind("KR_RRN", "C", std("kr.rrn", lambda: day("%y%m%d", 1940, 1999) + fill("[12]#{6}")), "nnnnnn-nnnnnnn|")
kind("KR_FRN", "C", until(lambda v: (13 - weighted(v[:12], [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == int(v[12]), lambda: day("%y%m%d", 1940, 1999) + fill("[56]#{6}")), "nnnnnn-nnnnnnn|")
kind("KR_PASSPORT", "W", any_of("M#{8}", "M###@####"), "", "여권|여권번호|Korean passport")
kind("KR_DRIVER_LICENSE", "W", any_of("1[123456789]-##-######-##", "2[0123456]-##-######-##"), "", "운전면허|운전면허번호|Korean driver license")
kind("KR_BRN", "C", until(lambda v: (weighted(v[:9], [1, 3, 7, 1, 3, 7, 1, 3, 5]) + int(v[8]) * 5 // 10 + int(v[9])) % 10 == 0, "[123456]#{9}"), "nnn-nn-nnnnn|")
kind("TH_PIN", "C", std("th.pin", "[12345678]#{12}"), "n-nnnn-nnnnn-nn-n||n nnnn nnnnn nn n")
kind("ID_NIK", "F", std("id.nik", lambda: R.choice(["317101", "327301", "351701", "110101"]) + day("%d%m%y", 1940, 1999) + fill("000^")))
kind("MY_NRIC", "F", std("my.nric", lambda: day("%y%m%d", 1940, 1999) + R.choice(["01", "10", "14", "08"]) + fill("####")), "nnnnnn-nn-nnnn|")
kind("PH_UMID", "W", "####-#######-#", "", "UMID|CRN|UMID number")
kind("PH_TIN", "C", until(lambda v: weighted(v[:8], [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == int(v[8]), "[123456789]#{8}", "[123456789]#{8}000"), "nnn-nnn-nnn|nnn-nnn-nnn-nnn|")
kind("PH_PASSPORT", "W", "P#{7}[ABC]", "", "Philippine passport|passport")
kind("PK_CNIC", "W", std("pk.cnic", "[1234567]#{12}"), "nnnnn-nnnnnnn-n|", "CNIC|NADRA CNIC|CNIC number")
kind("IL_TZ", "C", std("il.idnr", "[0123]#{8}"))
kind("SA_NATIONAL_ID", "C", until(luhn, "[12]#{9}"))
kind("AE_EMIRATES_ID", "C", until(luhn, "78419[56789]#{9}"), "nnn-nnnn-nnnnnnn-n|")
kind("AU_TFN", "C", std("au.tfn", "[123456789]#{8}"), "nnn nnn nnn|")
kind("AU_ABN", "C", std("au.abn", "[123456789]#{10}"), "nn nnn nnn nnn|")
kind("AU_ACN", "C", std("au.acn", "[01]#{8}"), "nnn nnn nnn|")
kind("AU_MEDICARE", "C", until(lambda v: weighted(v[:8], [1, 3, 7, 9, 1, 3, 7, 9]) % 10 == int(v[8]), "[23456]#{8}^"), "nnnn nnnnn n|")
kind("AU_PASSPORT", "W", any_of("[NEPM]#{7}", "P[ABE]#{7}"), "", "Australian passport|passport number")
kind("AU_DRIVER_LICENSE", "W", any_of("#{8}", "#{9}", "#{6}"), "", "NSW driver licence|driver licence number|Australian driver's licence")
kind("NZ_IRD", "C", std("nz.ird", "[123456789]#{7}", "1[01234]#{7}"), "nn-nnn-nnn|nnn-nnn-nnn|")


def nhi():
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    value = lambda c: int(c) if c.isdigit() else alphabet.index(c) + 1
    while True:
        old = R.random() < 0.6
        body = random_text(alphabet, 3) + (fill("###") if old else fill("##") + R.choice(alphabet))
        total = sum(value(c) * w for c, w in zip(body, [7, 6, 5, 4, 3, 2]))
        if old and total % 11:
            return body + str((11 - total % 11) % 10)
        if not old and total % 24:
            return body + alphabet[24 - total % 24 - 1]


kind("NZ_NHI", "C", nhi)
kind("NZ_DRIVER_LICENSE", "W", "[DE][ABCDEFGH]#{6}", "", "New Zealand driver licence|NZ driver licence")
kind("NZ_SWN", "W", "#{9}", "nnn-nnn-nnn|", "social welfare number|SWN|Work and Income number")
kind("VN_CCCD", "W", "0[0123456789]#[0123]#{8}", "", "CCCD|căn cước công dân|Vietnamese CCCD")

# Africa.
kind("ZA_ID", "C", std("za.idnr", lambda: day("%y%m%d", 1940, 1999) + fill("#{4}[01]8#")), "|nnnnnn nnnn nnn")
kind("ZA_PASSPORT", "W", "[AMD]#{8}", "", "South African passport|passport")
kind("ZA_DRIVER_LICENSE", "W", "[123456789]#{7}[0123456789]*{2}@", "", "South African driver's licence|driving licence")
kind("ZA_OTHER", "W", any_of("20##/#{6}/07", "[01239]#{9}", "4#{9}"), "", "income tax number|SARS tax reference|VAT number|company registration")
kind("NG_NIN", "W", "[123456789]#{10}", "", "NIN|National Identification Number|NIMC number")
kind("NG_BVN", "W", "22#{9}", "", "BVN|bank verification number")
kind("KE_ID", "W", "[123]#{7}", "", "Kenyan ID|Kenya national ID|Huduma number")
kind("EG_NATIONAL_ID", "F", lambda: "2" + day("%y%m%d", 1940, 1999) + R.choice(["01", "02", "12", "21"]) + fill("#{5}"))
kind("GH_CARD", "F", "GHA-#{9}-#")
kind("MA_CNIE", "W", any_of("@#{6}", "@{2}#{6}"), "", "CNIE|CIN|Moroccan CNIE")
kind("MU_NID", "W", lambda: fill("@") + day("%d%m%y") + fill("#{6}*"), "", "Mauritius NIC|national identity card")

# Since October 2020 without a check digit.
kind("KR_RRN_2020", "F", lambda: day("%y%m%d", 1940, 1999) + fill("[12]#{6}"), "nnnnnn-nnnnnnn")

for row in ROWS:
    print(json.dumps(row, ensure_ascii=False))
