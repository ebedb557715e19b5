/** Text as an attacker, a crash or another language leaves it in transcripts, paths and process names. */
const code = (...points: number[]) => String.fromCodePoint(...points)

export const untrustedSamples: readonly string[] = [
  "\u001b[31mred\u001b[0m \u001b[2J\u001b[H gone",
  "\u001b]0;owned\u0007 \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b]52;c;ZXZpbA==\u0007",
  "\u009b31m \u009d0;owned\u009c \u0090q#0\u009c \u0085 \u008d",
  "\u001bPq#0;2\u001b\\ \u001b^pm\u001b\\ \u001b_apc\u001b\\ \u001bX sos \u001b\\",
  "\u001b\u001b[0m[31m unfinished \u001b[ \u001b] \u001b",
  "carriage\rreturn back\b\b\bspace bell\u0007 null\u0000 form\f vertical\v del\u007f",
  "user\u202egpj.exe \u2066isolate\u2069 \u200fright\u200eleft \u061c \u202a\u202b\u202c\u202d \u2067\u2068",
  "line\u2028and paragraph\u2029 and\nnew\r\nline\tand tab",
  "zero\u200bwidth\u200c\u200d join\u2060 bom\ufeff tags\u{e0041}\u{e0042}",
  "half \ud800 of \udfff a character",
  "<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; <!--",
  "=cmd|' /C calc'!A0,+1,-1,@SUM(1) \"quoted\" 'single' `back` $(touch x) ; rm -rf ~",
  "日本語のとても長い題名、端末の幅を超える日本語のとても長い題名、端末の幅を超える 👩‍👩‍👧👍🏽🇩🇪 ｆｕｌｌ",
  `e${code(0x301).repeat(40)} zalgo`,
  `${"x".repeat(500)} end`,
  [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)]
    .map((point) => code(point))
    .join("."),
]

/** All of it as one text. */
export const untrustedText = untrustedSamples.join(" ")

/** What must never be in a text that goes to a terminal, once colours are taken away. */
export const forbidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/u

/** Colours are the only sequences a view makes. */
export function withoutColours(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "")
}
