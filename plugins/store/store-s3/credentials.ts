import { RescueError, type StoreContext } from "session-rescue"

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** Milliseconds since 1970; absent: they do not expire. */
  readonly expiresAt?: number
}

const maxFileBytes = 1 << 20

/** From the environment, else from the profile in the AWS files: keys, or a program that prints them (`credential_process`). */
export async function findCredentials(ctx: StoreContext): Promise<Credentials> {
  const { environment } = ctx
  const named = (ctx.options.profile as string | undefined) ?? environment.AWS_PROFILE
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment
  if (ctx.options.profile === undefined && accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  const profile = named ?? "default"
  const home = `${ctx.paths.home}/.aws`
  const secrets = readProfile(ctx, environment.AWS_SHARED_CREDENTIALS_FILE ?? `${home}/credentials`, profile)
  const settings = readProfile(ctx, environment.AWS_CONFIG_FILE ?? `${home}/config`, profile)
  const found = { ...settings, ...secrets }
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = found
  if (id !== undefined && secret !== undefined)
    return {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token }),
    }
  if (found.credential_process !== undefined) return runProcess(ctx, found.credential_process, profile)
  throw new RescueError(
    "STORE_REFUSED",
    `there are no credentials for the team's store: neither in the environment nor in profile ${profile}`,
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put keys or credential_process into ~/.aws/credentials (chmod 600)",
  )
}

/** The settings of one section of an INI file. */
function readProfile(ctx: StoreContext, named: string, profile: string): Record<string, string> {
  const path = ctx.files.real(named)
  if (path === null) return {}
  const text = ctx.files.text(path, maxFileBytes) ?? ""
  const found: Record<string, string> = {}
  let section = ""
  for (const line of text.split("\n")) {
    const heading = /^\s*\[\s*(?:profile\s+)?(.+?)\s*\]/.exec(line)
    const setting = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (heading !== null) section = heading[1] ?? ""
    else if (section === profile && setting !== null) found[setting[1] ?? ""] = setting[2] ?? ""
  }
  // safety: store-secret-private
  if (found.aws_secret_access_key !== undefined && !ctx.isPrivate(path))
    throw new RescueError("STORE_REFUSED", `${path} holds a secret that others may read`, `chmod 600 ${path}`)
  return found
}

async function runProcess(ctx: StoreContext, command: string, profile: string): Promise<Credentials> {
  const { code, stdout, stderr } = await ctx.run(["sh", "-c", command])
  const said = code === 0 ? parse(stdout) : null
  if (typeof said?.AccessKeyId === "string" && typeof said.SecretAccessKey === "string") {
    const expiresAt = typeof said.Expiration === "string" ? Date.parse(said.Expiration) : Number.NaN
    return {
      accessKeyId: said.AccessKeyId,
      secretAccessKey: said.SecretAccessKey,
      ...(typeof said.SessionToken === "string" ? { sessionToken: said.SessionToken } : {}),
      ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
    }
  }
  const why = code === 0 ? "printed no credentials" : `answered ${code}: ${stderr.trim().slice(0, 200)}`
  throw new RescueError(
    "STORE_REFUSED",
    `the credential_process of profile ${profile} ${why}`,
    "run it yourself, or log in again",
  )
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}
