import { randomBytes } from "node:crypto"
import { closeFile, createFile, discard, makeFolders, writeAll } from "../fs/durable.ts"
import { isOnPath } from "../process/self-path.ts"

/**
 * Opens a link without showing it to other users: the arguments of a browser can be read by all, so that it gets the
 * name of a private file that leads there. Returns how to remove that file.
 */
export async function openInBrowser(link: string, home: string): Promise<() => void> {
  const opener = process.platform === "darwin" ? "open" : "xdg-open"
  if (!isOnPath(opener)) return () => {}
  const folder = `${home}/.cache/session-rescue`
  makeFolders(folder, false)
  const path = `${folder}/open-${randomBytes(8).toString("hex")}.html`
  const fd = createFile(path)
  try {
    const html = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${link}"><title>session-rescue</title>\n`
    writeAll(fd, Buffer.from(html), 0)
  } finally {
    closeFile(fd)
  }
  const child = Bun.spawn([opener, path], { stdio: ["ignore", "ignore", "ignore"] })
  child.unref()
  return () => discard(path)
}
