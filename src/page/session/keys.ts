import { useEffect } from "preact/hooks"

/** What a key does while nobody types. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea")
      if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) keys[event.key]?.()
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  })
}

export function toEnd(): void {
  scrollTo(0, document.documentElement.scrollHeight)
}

/** Moves from message to message, to both ends, and folds. */
export function useMessageKeys(
  root: { current: HTMLElement | null },
  onJump: (to: "beginning" | "end") => void,
): void {
  const move = (by: number) => {
    const all = [...(root.current?.querySelectorAll<HTMLElement>("article, details.call") ?? [])]
    const edge = 80
    const tops = all.map((each) => each.getBoundingClientRect().top)
    const next =
      by > 0 ? tops.findIndex((top) => top > edge + 4) : tops.findLastIndex((top) => top < edge - 4)
    const top = tops[next]
    if (top !== undefined) scrollBy(0, top - edge)
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    g: () => {
      onJump("beginning")
      scrollTo(0, 0)
    },
    G: () => {
      onJump("end")
      toEnd()
    },
    f: () => {
      const all = [...(root.current?.querySelectorAll<HTMLDetailsElement>("details") ?? [])]
      const open = all.some((each) => !each.open)
      for (const each of all) each.open = open
    },
  })
}
