/** What a browser is told with every answer. */

const always: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
}
const noContent = "default-src 'none'; frame-ancestors 'none'"

/** Nothing is loaded but from here, no text becomes markup or script, and nobody frames the page. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ")
}

export function pageResponse(html: string, nonce: string): Response {
  const headers = {
    ...always,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": pagePolicy(nonce), // safety: page-policy
  }
  return new Response(html.replaceAll("__NONCE__", nonce), { headers })
}

export function jsonResponse(value: unknown, status = 200): Response {
  return jsonTextResponse(JSON.stringify(value), status)
}

/** `text` is JSON. */
export function jsonTextResponse(text: string, status = 200): Response {
  const headers = { ...always, "Content-Type": "application/json", "Content-Security-Policy": noContent }
  return new Response(text, { status, headers })
}

/** One JSON document a line, as they come. */
export function streamResponse(stream: ReadableStream<Uint8Array>): Response {
  const headers = { ...always, "Content-Type": "application/x-ndjson", "Content-Security-Policy": noContent }
  return new Response(stream, { headers })
}
