const line = (name: string) => new RegExp(`^${name}=.*$`, "m")

/**
 * The install.sh to publish: it knows its release's version and, where one is given, the address it is published
 * under. `{version}` in the address stands for the version. Throws when install.sh has no such lines.
 */
export function stamp(script: string, release: { version: string; baseUrl: string | null }): string {
  if (!/^[0-9A-Za-z.+-]+$/.test(release.version)) throw new Error(`no version: ${release.version}`)
  if (release.baseUrl !== null && !/^(https?|file):\/\/[A-Za-z0-9._~:/%{}@+-]+$/.test(release.baseUrl)) {
    throw new Error(`no base URL that install.sh can use: ${release.baseUrl}`)
  }
  const values = [
    ["released_version", release.version],
    ["released_url", release.baseUrl ?? ""],
  ] as const
  return values.reduce((text, [name, value]) => {
    if (!line(name).test(text)) throw new Error(`install.sh has no line ${name}=`)
    return text.replace(line(name), () => `${name}='${value}'`)
  }, script)
}
