/** The position of an index hit in a session's footprint. */
export interface HitLocation {
  readonly document: string
  readonly offset: number
}

/**
 * Whether a hit is inside the given range; a kept output that has grown is cut differently than when it was
 * indexed.
 */
export function contains(
  item: { readonly document: string; readonly offset: number; readonly length: number },
  { document, offset }: HitLocation,
): boolean {
  return item.document === document && item.offset <= offset && offset < item.offset + item.length
}
