import { join } from "node:path"

/** A certificate for this machine, and its key, made in the folder: it is its own authority. */
export function selfSigned(
  folder: string,
  names = "IP:127.0.0.1,IP:127.0.0.2,DNS:localhost",
): { readonly certificate: string; readonly key: string } {
  const certificate = join(folder, "certificate.pem")
  const key = join(folder, "key.pem")
  const made = Bun.spawnSync([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "2", "-subj", "/CN=localhost", "-addext", `subjectAltName=${names}`],
    ...["-keyout", key, "-out", certificate],
  ])
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr.toString()}`)
  return { certificate, key }
}
