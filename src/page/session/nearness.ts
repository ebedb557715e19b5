/** Stretches are laid out this far before they are seen. */
const aheadPx = 1200

/** Tells each stretch when it comes near to what is seen, and when it leaves. */
export class Nearness {
  readonly #told = new Map<Element, (isNear: boolean) => void>()
  readonly #observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) this.#told.get(target)?.(isIntersecting)
    },
    { rootMargin: `${aheadPx}px 0px` },
  )

  watch(element: Element, tell: (isNear: boolean) => void): () => void {
    this.#told.set(element, tell)
    this.#observer.observe(element)
    return () => {
      this.#told.delete(element)
      this.#observer.unobserve(element)
    }
  }

  stop(): void {
    this.#observer.disconnect()
  }
}
