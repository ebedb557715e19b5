import { measures } from "../../../src/index/model/limits.ts"

const usual = { ...measures }

/** What makes a line long, for a while, so that short ones go the way of those of many MB. */
export function measureWith(small: Partial<typeof measures>): void {
  Object.assign(measures, small)
}

export function measureAsUsual(): void {
  Object.assign(measures, usual)
}
