const plainWord = /^[a-z]{3,30}$/
const doubled = /([bdfgklmnprt])\1$/

/** Possible other forms of an English word: singular and plural, verb endings. Most of them are not words. */
export function formsOf(word: string): readonly string[] {
  if (!plainWord.test(word)) return []
  const forms = new Set(basesOf(word).flatMap(endingsOf))
  forms.delete(word)
  return [...forms].filter((form) => form.length > 2)
}

function basesOf(word: string): string[] {
  const bases = [word]
  const without = (ending: string) => word.slice(0, -ending.length)
  if (/[^s]s$/.test(word)) bases.push(without("s"))
  if (/(s|x|z|ch|sh|o)es$/.test(word)) bases.push(without("es"))
  if (/ies$/.test(word)) bases.push(`${without("ies")}y`)
  if (/ied$/.test(word)) bases.push(`${without("ied")}y`)
  for (const ending of ["ed", "ing", "er", "ion"]) {
    if (!word.endsWith(ending) || word.length < ending.length + 3) continue
    const base = without(ending)
    bases.push(base, `${base}e`)
    if (doubled.test(base)) bases.push(base.slice(0, -1))
  }
  return bases.filter((base) => base.length > 2)
}

function endingsOf(base: string): string[] {
  const forms = [base, `${base}s`, `${base}es`, `${base}ed`, `${base}ing`, `${base}er`, `${base}ion`]
  if (/[^aeiou]y$/.test(base)) forms.push(...["ies", "ied"].map((ending) => base.slice(0, -1) + ending))
  if (base.endsWith("e")) forms.push(...["d", "r"].map((ending) => base + ending))
  if (base.endsWith("e")) forms.push(...["ing", "ion"].map((ending) => base.slice(0, -1) + ending))
  if (/[^aeiou][aeiou][bdgklmnprt]$/.test(base)) {
    forms.push(...["ed", "ing", "er"].map((ending) => base + base.slice(-1) + ending))
  }
  return forms
}
