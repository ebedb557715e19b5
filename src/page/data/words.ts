const day = 86_400_000

export function ageOf(time: string | null, now = Date.now()): string {
  if (time === null) return "unknown"
  const ms = now - Date.parse(time)
  if (ms < 60_000) return "just now"
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`
  if (ms < day) return `${Math.floor(ms / 3_600_000)} h ago`
  return `${Math.floor(ms / day)} d ago`
}

/** In steps of 1024, as on the terminal. */
export function sizeOf(bytes: number | null): string {
  if (bytes === null) return "unknown"
  const units = ["B", "KB", "MB", "GB", "TB"]
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

export function numberOf(value: number): string {
  return value.toLocaleString("en-US")
}

/** A folder with `~` for the home. */
export function folderOf(path: string | null, home: string): string {
  if (path === null) return "folder unknown"
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
