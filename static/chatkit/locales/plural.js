/** A count with its noun, in the form that the language asks for. */

/**
 * Return a function that chooses among a noun's forms; `#` in a form stands for the number.
 *
 *     const plural = pluralIn("de");
 *     plural(3, { one: "# Datei", other: "# Dateien" })
 *
 * @param {string} language
 * @returns {(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}) => string} */
export function pluralIn(language) {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replace("#", numbers.format(count));
}
