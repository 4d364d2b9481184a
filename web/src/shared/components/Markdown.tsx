import 'katex/dist/katex.min.css';
import ReactMarkdown, { type Components } from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import remarkBreaks from 'remark-breaks';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';

// Pictures come from the files service alone, never from an address in a text.
const NO_PICTURES = ['img'];
const REMARK = [remarkGfm, remarkBreaks, remarkMath];
const REHYPE = [rehypeKatex];

// Out of the app: what is typed here stays, and the other page learns nothing of this one.
const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
};

/** Markdown with LaTeX between dollar signs; HTML in it is text. A file of its own, for it is large. */
export default function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown
      remarkPlugins={REMARK}
      rehypePlugins={REHYPE}
      components={COMPONENTS}
      disallowedElements={NO_PICTURES}
    >
      {text}
    </ReactMarkdown>
  );
}
