/**
 * What secrets look like: data, one line a kind. `near`: a text without one of these words (lower case) holds none of
 * this kind; it is what makes looking quick. Group 1 of a pattern is the secret, where the match is more than that.
 * Sources: the formats that their issuers document [public].
 */
export interface SecretPattern {
  readonly kind: string
  readonly near: readonly string[]
  readonly pattern: RegExp
}

const known: readonly (readonly [kind: string, near: string, pattern: RegExp])[] = [
  ["AWS access key", "akia asia abia acca", /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  [
    "AWS secret key",
    "aws",
    /\baws.{0,30}?(?:secret|key).{0,30}?[:=\s"']([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  ],
  ["Anthropic key", "sk-ant-", /\bsk-ant-[A-Za-z0-9_-]{20,}/g],
  ["OpenAI key", "sk-", /\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9]{32,}\b/g],
  ["OpenRouter key", "sk-or-", /\bsk-or-[A-Za-z0-9-]{20,}/g],
  ["Google API key", "aiza", /\bAIza[A-Za-z0-9_-]{35}/g],
  ["Google OAuth token", "ya29.", /\bya29\.[A-Za-z0-9_-]{20,}/g],
  ["Google OAuth secret", "gocspx-", /\bGOCSPX-[A-Za-z0-9_-]{20,}/g],
  [
    "GitHub token",
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g,
  ],
  [
    "GitLab token",
    "glpat- gldt- glrt- glptt- glcbt- glagent-",
    /\bgl(?:pat|dt|rt|ptt|cbt|agent)-[A-Za-z0-9_-]{20,}/g,
  ],
  ["Bitbucket token", "atbb", /\bATBB[A-Za-z0-9]{28,}/g],
  ["Atlassian token", "atatt3", /\bATATT3[A-Za-z0-9_=-]{50,}/g],
  ["Slack token", "xox xapp-", /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g],
  ["Slack webhook", "hooks.slack.com", /hooks\.slack\.com\/(?:services|workflows)\/([A-Za-z0-9/+_-]{20,})/g],
  [
    "Discord webhook",
    "/api/webhooks/",
    /discord(?:app)?\.com\/api\/webhooks\/(\d{15,}\/[A-Za-z0-9_-]{30,})/g,
  ],
  ["Discord token", "discord bot", /\b[MNO][A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}/g],
  ["Telegram bot token", ":aa", /\b\d{8,10}:AA[A-Za-z0-9_-]{32,34}/g],
  [
    "Stripe key",
    "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
    /\b(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,}/g,
  ],
  ["Square token", "sq0 eaaa", /\b(?:sq0[a-z]{3}-[A-Za-z0-9_-]{22,}|EAAA[A-Za-z0-9_-]{60})/g],
  ["Shopify token", "shpat_ shpca_ shppa_ shpss_", /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g],
  ["Twilio key", "sk", /\bSK[0-9a-f]{32}\b/g],
  ["SendGrid key", "sg.", /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g],
  ["Mailgun key", "key-", /\bkey-[0-9a-f]{32}\b/g],
  ["Mailchimp key", "-us", /\b[0-9a-f]{32}-us\d{1,2}\b/g],
  ["npm token", "npm_", /\bnpm_[A-Za-z0-9]{36}/g],
  ["npm registry token", "_authtoken _auth", /_auth(?:Token)?\s*=\s*["']?([^\s"']{8,})/gi],
  ["PyPI token", "pypi-", /\bpypi-[A-Za-z0-9_-]{50,}/g],
  ["RubyGems key", "rubygems_", /\brubygems_[0-9a-f]{48}/g],
  ["crates.io token", "cio", /\bcio[A-Za-z0-9]{32}\b/g],
  ["Docker token", "dckr_", /\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/g],
  ["Docker login", '"auth"', /"auth"\s*:\s*"([A-Za-z0-9+/=]{12,})"/g],
  ["Hugging Face token", "hf_", /\bhf_[A-Za-z0-9]{30,}/g],
  ["Replicate token", "r8_", /\br8_[A-Za-z0-9]{37,}/g],
  ["Groq key", "gsk_", /\bgsk_[A-Za-z0-9]{40,}/g],
  ["xAI key", "xai-", /\bxai-[A-Za-z0-9]{60,}/g],
  ["Perplexity key", "pplx-", /\bpplx-[A-Za-z0-9]{40,}/g],
  ["DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", /\bdo[opr]_v1_[0-9a-f]{64}/g],
  ["Heroku key", "hrku-", /\bHRKU-[A-Za-z0-9_-]{30,}/g],
  ["Netlify token", "nfp_", /\bnfp_[A-Za-z0-9]{36,}/g],
  ["Fly token", "fo1_ fm1_ fm2_", /\bf(?:o1|m1|m2)_[A-Za-z0-9_+/=-]{20,}/g],
  ["Supabase token", "sbp_ sb_secret_", /\b(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{20,})/g],
  ["PlanetScale token", "pscale_", /\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{30,}/g],
  ["Databricks token", "dapi", /\bdapi[0-9a-f]{32}/g],
  ["Linear key", "lin_", /\blin_(?:api|oauth)_[A-Za-z0-9]{30,}/g],
  ["Notion token", "ntn_ secret_", /\b(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})/g],
  ["Figma token", "figd_", /\bfigd_[A-Za-z0-9_-]{30,}/g],
  ["Airtable token", "pat", /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}/g],
  ["Postman key", "pmak-", /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}/g],
  ["Grafana token", "glsa_ glc_", /\bgl(?:sa|c)_[A-Za-z0-9+/_=-]{30,}/g],
  ["Sentry token", "sntrys_ sntryu_", /\bsntry[su]_[A-Za-z0-9+/_=-]{30,}/g],
  ["New Relic key", "nrak-", /\bNRAK-[A-Z0-9]{27}/g],
  ["Dynatrace token", "dt0c01.", /\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}/g],
  ["Vault token", "hvs. hvb. hvr.", /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/g],
  ["Terraform token", ".atlasv1.", /\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}/g],
  ["Pulumi token", "pul-", /\bpul-[0-9a-f]{40}/g],
  ["Doppler token", "dp.", /\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}/g],
  ["1Password token", "ops_ey", /\bops_ey[A-Za-z0-9_=-]{100,}/g],
  ["Tailscale key", "tskey-", /\btskey-[a-z]+-[A-Za-z0-9_-]{10,}/g],
  ["age key", "age-secret-key-", /\bAGE-SECRET-KEY-1[A-Z0-9]{50,}/g],
  ["Azure storage key", "accountkey=", /AccountKey=([A-Za-z0-9+/]{40,}={0,2})/gi],
  ["Azure signature", "sig=", /[?&;]sig=([A-Za-z0-9%+/=_-]{30,})/g],
  ["Azure client secret", "q~", /\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g],
  ["JSON web token", "eyj", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?/g],
  ["Mapbox token", "sk.eyj", /\bsk\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}/g],
  ["password in a URL", "://", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{0,80}:([^\s/@"'<>]{1,200})@/gi],
  ["authorization", "bearer basic", /\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{16,})/gi],
  [
    "authorization header",
    "authorization",
    /\bauthorization["']?\s*[:=]\s*["']?(?:token\s+|key\s+)?([A-Za-z0-9._~+/=-]{12,})/gi,
  ],
  ["cookie", "cookie:", /\b(?:set-)?cookie:\s*([^\r\n"']{8,4000})/gi],
  [
    "password on a command line",
    "curl wget",
    /\b(?:curl|wget)\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user)[\s=]["']?[^\s:"']{1,80}:([^\s"']{1,200})/gi,
  ],
  [
    "password on a command line",
    "mysql mariadb sshpass",
    /\b(?:mysql\w*|mariadb\w*|sshpass)\b[^\n]{0,300}?\s-p["']?([^\s"'-][^\s"']{2,200})/gi,
  ],
  [
    "password on a command line",
    "--",
    /--(?:[a-z]+-)*(?:password|passwd|passphrase|token|secret|api-?key)(?:[\s=]["']?)([^\s"'<>$\\-][^\s"']{5,300})/gi,
  ],
  ["netrc password", "machine", /\bmachine\s+\S{1,100}\s+login\s+\S{1,100}\s+password\s+(\S{1,200})/gi],
  ["password hash", "$", /\$(?:2[abxy]|5|6|y|apr1|argon2id?)\$[A-Za-z0-9./$=,]{20,}/g],
]

/** A name that says secret, and what is assigned to it. A name alone is not enough: the value has to look like one. */
const assigned: readonly SecretPattern[] = [
  {
    kind: "assigned secret",
    near: ["pass", "pwd", "secret", "token", "key", "credential", "auth"],
    pattern:
      /(?<![A-Za-z0-9])(?:[A-Za-z0-9]+[_.-])*(?:[A-Za-z0-9]*(?:password|passwd|passphrase|pwd|secret|token|credentials?|api_?key|access_?key|private_?key|secret_?key|signing_?key|encryption_?key|auth_?key))(?:[_-](?:key|token|id|value|base))?(?:\\?["'])?\s{0,3}(?:=>|:=|=|:)\s{0,3}(?:\\?["'`])?([^\s"'`,;&<>(){}[\]\\$]{6,400})/gi,
  },
]

export const secretPatterns: readonly SecretPattern[] = [
  ...known.map(([kind, near, pattern]) => ({ kind, near: near.split(" "), pattern })),
  ...assigned,
]

/** Values that stand for a secret, and words of programs: no secret. */
export const placeholders =
  /^(?:x{3,}|\*{3,}|\.{3,}|█+.*|redacted|changeme|example|placeholder|undefined|null|none|true|false|string|number|boolean|required|optional|process\.env.*|os\.environ.*|env\..*|your[_-].*|my[_-].*|[a-z]+\??:.*)$/i
