/** Where a hit of the index lies in a session's footprint. */
export interface HitLocation {
  readonly document: string
  readonly offset: number
}

/** Whether a hit lies in what was read there; a kept output that has grown is cut otherwise than when it was indexed. */
export function contains(
  item: { readonly document: string; readonly offset: number; readonly length: number },
  { document, offset }: HitLocation,
): boolean {
  return item.document === document && item.offset <= offset && offset < item.offset + item.length
}
