import { lazy, Suspense } from 'react';
import classes from './Prose.module.css';

const Markdown = lazy(() => import('./Markdown'));

// What Markdown or LaTeX could mean something else in; all other text needs neither.
const MARKED = /[\\`*_{}[\]<>#$&~|]|^\s*(?:[-+]|\d+[.)])\s|\n|https?:/m;

/** What people write for others to read: Markdown with LaTeX; plain until that is loaded. */
export function Prose({ text }: { text: string }) {
  const plain = <span className={classes.text}>{text}</span>;
  if (!MARKED.test(text)) return plain;
  return (
    <Suspense fallback={plain}>
      <div className={classes.prose}>
        <Markdown text={text} />
      </div>
    </Suspense>
  );
}
