/** Secrets of different kinds, made here: none of them opens anything. */
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Letters and digits that look random and are the same every time. */
function filler(length: number, seed: number, alphabet = letters): string {
  let state = seed * 2654435761
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return alphabet[state % alphabet.length]
  }).join("")
}

const hex = (length: number, seed: number) => filler(length, seed, "0123456789abcdef")
const key = (kind: string, seed: number) => {
  const body = [1, 2, 3, 4].map((line) => filler(64, seed + line)).join("\n")
  return { whole: `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----`, parts: body.split("\n") }
}
const pem = key("RSA PRIVATE KEY", 900)
const ssh = key("OPENSSH PRIVATE KEY", 950)

export interface Planted {
  readonly name: string
  /** As it stands in the text. */
  readonly text: string
  /** What must not be found anywhere. */
  readonly secrets: readonly string[]
}

const one = (name: string, secret: string, around = (it: string) => it): Planted => ({
  name,
  text: around(secret),
  secrets: [secret],
})

export const planted: readonly Planted[] = [
  one("AWS access key", `AKIA${filler(16, 1, "ABCDEFGHIJKLMNOP234567")}`),
  one("AWS secret key", filler(40, 2), (it) => `aws_secret_access_key = ${it}`),
  one("GitHub token", `ghp_${filler(36, 3)}`),
  one("fine-grained GitHub token", `github_pat_${filler(22, 4)}_${filler(59, 5)}`),
  one("GitLab token", `glpat-${filler(20, 6)}`),
  one("Slack token", `xoxb-${filler(12, 7, "0123456789")}-${filler(24, 8)}`),
  one(
    "Slack webhook",
    `T${filler(8, 9)}/B${filler(8, 10)}/${filler(24, 11)}`,
    (it) => `https://hooks.slack.com/services/${it}`,
  ),
  one("Stripe key", `sk_live_${filler(24, 12)}`),
  one("Anthropic key", `sk-ant-api03-${filler(80, 13)}`),
  one("OpenAI key", `sk-proj-${filler(48, 14)}`),
  one("Google API key", `AIza${filler(35, 15)}`),
  one("npm token", `npm_${filler(36, 16)}`),
  one("PyPI token", `pypi-AgEI${filler(70, 17)}`),
  one("Hugging Face token", `hf_${filler(34, 18)}`),
  one("SendGrid key", `SG.${filler(22, 19)}.${filler(43, 20)}`),
  one("JSON web token", `eyJ${filler(30, 21)}.eyJ${filler(60, 22)}.${filler(43, 23)}`),
  one("password in a URL", `p${filler(14, 24)}`, (it) => `postgres://shop:${it}@db.example.com/shop`),
  one("bearer", filler(40, 25), (it) => `Authorization: Bearer ${it}`),
  one("assigned password", `Tr0ub4dor${filler(6, 26)}`, (it) => `DB_PASSWORD=${it}`),
  one("password in JSON", `c0rrect${filler(9, 27)}`, (it) => `{"password": "${it}", "user": "me"}`),
  one("curl's user", `h0rse${filler(9, 28)}`, (it) => `curl -s -u admin:${it} https://example.com/`),
  one("Telegram token", `${filler(9, 29, "123456789")}:AA${filler(33, 30)}`),
  one(
    "Azure storage key",
    `${filler(86, 31)}==`,
    (it) => `AccountName=shop;AccountKey=${it};EndpointSuffix=x`,
  ),
  one("DigitalOcean token", `dop_v1_${hex(64, 32)}`),
  { name: "RSA key", text: pem.whole, secrets: pem.parts },
  { name: "OpenSSH key", text: ssh.whole, secrets: ssh.parts },
]
