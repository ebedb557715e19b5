/** The contents of every element of that name, in order. S3 answers hold no attributes on those that are read here. */
export function valuesIn(text: string, element: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, "g"))].map(([, value = ""]) =>
    decoded(value),
  )
}

function decoded(text: string): string {
  if (text.includes("<")) return text
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(lt|gt|quot|apos|amp));/gi, (_, ten, sixteen, name) =>
    name !== undefined
      ? (named[name] ?? "")
      : String.fromCodePoint(Number.parseInt(ten ?? sixteen, ten === undefined ? 16 : 10)),
  )
}

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
}
