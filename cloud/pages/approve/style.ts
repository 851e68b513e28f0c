/**
 * How the approval page looks: the family of the keypad page, for a phone. It is text in the program
 * because a Lambda is one file. Contrast of text is at least 4.5, of lines and rings 3.
 */
export const approveStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f1f4f2, #0c100f);
  --surface: light-dark(#ffffff, #18201d);
  --pressed: light-dark(#dce5e1, #2a3632);
  --line: light-dark(#ccd6d1, #2c3834);
  --field-line: light-dark(#74857e, #6f817a);
  --ink: light-dark(#14201c, #cbd6d1);
  --quiet-ink: light-dark(#4b5b55, #93a29c);
  --accent: light-dark(#0a5f4e, #76b8a5);
  --on-accent: light-dark(#ffffff, #07120f);
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --large: clamp(1.375rem, 1.1rem + 1.4vw, 2rem);
  --corner: 0.9rem;
  --target: 3rem;
}

*, *::before, *::after { box-sizing: border-box; }

body {
  margin: 0;
  padding: clamp(12px, 4vw, 40px);
  background: var(--ground);
  color: var(--ink);
  font: 400 1.0625rem / 1.45 var(--font);
}

main { display: grid; gap: 1.5rem; max-width: 60rem; margin-inline: auto; overflow-wrap: anywhere; }
h1, h2, p, dl, dd, fieldset { margin: 0; padding: 0; border: 0; font: inherit; }
h1 { font-size: var(--large); line-height: 1.2; letter-spacing: -0.01em; text-wrap: balance; }
h1:focus { outline: none; }
h2 { font-weight: 650; }
dl { display: grid; gap: 0.75rem; }
dt, .hint { color: var(--quiet-ink); }
.seen { display: grid; gap: 1.25rem; align-items: start; }
.seen img { display: block; width: min(100%, 22rem); height: auto; border-radius: var(--corner); background: var(--pressed); }

form { display: grid; gap: 1.25rem; }
.card { display: grid; gap: 1.1rem; padding: clamp(14px, 3.5vw, 28px); border: 1px solid var(--line); border-radius: var(--corner); background: var(--surface); }
.field { display: grid; gap: 0.3rem; }
label { font-weight: 550; }
.hint { font-weight: 400; }

input, select, button { min-height: var(--target); font: inherit; color: inherit; border-radius: 0.6rem; }
input[type="text"], input[type="tel"], input[type="email"], select {
  width: 100%; padding: 0.5rem 0.75rem; border: 1px solid var(--field-line); background: var(--ground);
}
#visit-number { width: 6em; font-size: var(--large); font-variant-numeric: tabular-nums; letter-spacing: 0.08em; }
.choice { display: flex; gap: 0.75rem; align-items: center; min-height: var(--target); font-weight: 400; cursor: pointer; }
.choice input { flex: none; width: 1.5rem; height: 1.5rem; min-height: 0; margin: 0; accent-color: var(--accent); }
.pair { display: grid; gap: 1.1rem; }

button { padding: 0.6rem 1.4rem; border: 1px solid var(--field-line); background: var(--surface); font-weight: 600; cursor: pointer; touch-action: manipulation; }
button:active { background: var(--pressed); }
button.next { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button:disabled { opacity: 0.6; cursor: progress; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

.problem { display: flex; gap: 0.5em; font-weight: 600; }
.problem::before { content: "!"; flex: none; width: 1.45em; height: 1.45em; border: 2px solid; border-radius: 50%; line-height: 1.25em; text-align: center; }
[aria-invalid="true"] { border-width: 2px; border-color: var(--ink) !important; }
[hidden] { display: none !important; }

@media (min-width: 40rem) {
  .pair { grid-template-columns: 1fr 1fr; align-items: start; }
  .seen { grid-template-columns: minmax(0, 18rem) minmax(0, 1fr); }
  button { justify-self: start; }
}
`
