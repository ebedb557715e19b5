import { RescueError } from "session-rescue"
import { valuesIn } from "./xml.ts"

const laterCodes = [
  "RequestTimeout",
  "SlowDown",
  "InternalError",
  "ServiceUnavailable",
  "ThrottlingException",
  "OperationAborted",
  "ConditionalRequestConflict",
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "IncompleteBody",
]

/** Whether time fixes it. A body that arrived damaged is one of these: it is sent again. */
export function isLater(status: number, text: string): boolean {
  const [code = ""] = valuesIn(text, "Code")
  return status === 408 || status === 425 || status === 429 || status >= 500 || laterCodes.includes(code)
}

/** What the store asks to wait: seconds, or a date. */
export function retryAfterMs(response: Response, now: number): number | null {
  const said = response.headers.get("retry-after")
  if (said === null) return null
  const seconds = Number(said)
  const wait = Number.isNaN(seconds) ? Date.parse(said) - now : seconds * 1000
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

const maxSkewMs = 5 * 60_000

/** The line that fixes it, for what only a person can. */
export function answerError(
  response: Response,
  text: string,
  { method, now, name }: { readonly method: string; readonly now: number; readonly name: string | null },
): RescueError {
  const { status } = response
  const [code = `${status}`] = valuesIn(text, "Code")
  const what = `the store refuses to ${method} ${name ?? "the bucket"}: ${code}`
  const there = Date.parse(response.headers.get("date") ?? "")
  const skew = now - there
  if (code === "RequestTimeTooSkewed" || ([400, 401, 403].includes(status) && Math.abs(skew) > maxSkewMs)) {
    const by = Number.isNaN(skew)
      ? ""
      : ` by ${Math.round(Math.abs(skew) / 60_000)} minutes, it is ${skew > 0 ? "fast" : "slow"}`
    return refused(
      `${what}: the clock of this machine is wrong${by}`,
      "set the clock (timedatectl set-ntp true), then run it again",
    )
  }
  if (code === "NoSuchBucket")
    return refused(what, "make the bucket, or fix bucket under [team.store] in config.toml")
  if (code === "AuthorizationHeaderMalformed" || (status >= 300 && status < 400))
    return refused(
      `${what}: another region or endpoint`,
      "fix region and endpoint under [team.store] in config.toml",
    )
  if (
    ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"].includes(code) ||
    status === 401
  )
    return refused(
      what,
      "the credentials are not valid (any more): log in again, or see AWS_PROFILE and ~/.aws/credentials",
    )
  if (status === 403)
    return refused(what, "ask who owns the bucket for the right to get, put and list below your prefix")
  return refused(what, "see the settings under [team.store] in config.toml, and the rules of the bucket")
}

function refused(message: string, hint: string): RescueError {
  return new RescueError("STORE_REFUSED", message, hint)
}
