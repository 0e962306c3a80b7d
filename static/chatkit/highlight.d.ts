/* highlight.js ships its browser modules without types; these are the parts that the element calls. */

declare module "highlight.js/core" {
  const highlighter: {
    registerLanguage(name: string, grammar: unknown): void;
    getLanguage(name: string): unknown;
    highlight(code: string, options: { language: string; ignoreIllegals?: boolean }): { value: string };
  };
  export default highlighter;
}

declare module "highlight.js/languages/*" {
  const grammar: unknown;
  export default grammar;
}
