/** A screen of a terminal as a picture: text stays text, so that it is sharp at any size and can be searched. */

interface Style {
  bold: boolean
  dim: boolean
  colour: string | null
}

const [cell, line, pad] = [8.4, 18, 14]
const foreground = "#d4d4d8"
const colours: Readonly<Record<string, string>> = {
  "31": "#f87171",
  "32": "#86efac",
  "33": "#fcd34d",
  "36": "#67e8f9",
}

export function screenToSvg(screen: string, columns: number): string {
  const lines = screen.split("\n")
  const width = Math.ceil(columns * cell + 2 * pad)
  const height = lines.length * line + 2 * pad
  const style: Style = { bold: false, dim: false, colour: null }
  const texts = lines.flatMap((text, row) => textOf(text, pad + (row + 0.75) * line, style))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    "<title>session-rescue: the live list of sessions</title>",
    `<rect width="100%" height="100%" rx="8" fill="#18181b"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${foreground}" xml:space="preserve">`,
    ...texts,
    "</g>",
    "</svg>",
    "",
  ].join("\n")
}

/** Each run of one style is placed by its column: fonts differ in width. */
function textOf(text: string, y: number, style: Style): string[] {
  const found: string[] = []
  let column = 0
  for (const part of text.split(/(\u001b\[[0-9;]*m)/)) {
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1]
    if (codes !== undefined) {
      for (const code of codes.split(";")) apply(code, style)
      continue
    }
    for (const { 0: word, index } of part.matchAll(/\S+(?: \S+)*/g)) {
      const x = (pad + (column + Bun.stringWidth(part.slice(0, index))) * cell).toFixed(1)
      const length = (Bun.stringWidth(word) * cell).toFixed(1)
      const about = [
        ...(style.bold ? ['font-weight="bold"'] : []),
        ...(style.dim ? ['opacity="0.6"'] : []),
        ...(style.colour === null ? [] : [`fill="${style.colour}"`]),
      ]
      found.push(
        `<text x="${x}" y="${y.toFixed(1)}" textLength="${length}" ${about.join(" ")}>${Bun.escapeHTML(word)}</text>`,
      )
    }
    column += Bun.stringWidth(part)
  }
  return found
}

function apply(code: string, style: Style): void {
  if (code === "" || code === "0") Object.assign(style, { bold: false, dim: false, colour: null })
  else if (code === "1") style.bold = true
  else if (code === "2") style.dim = true
  else if (code === "22") Object.assign(style, { bold: false, dim: false })
  else if (code === "39") style.colour = null
  else if (colours[code] !== undefined) style.colour = colours[code]
}
