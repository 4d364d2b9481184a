import 'katex/dist/katex.min.css';
import ReactMarkdown from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import remarkMath from 'remark-math';

// Pictures come from the files service alone, never from an address in a text.
const NO_PICTURES = ['img'];

/** Markdown with LaTeX between dollar signs; HTML in it is text. A file of its own, for it is large. */
export default function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={[remarkMath]} rehypePlugins={[rehypeKatex]} disallowedElements={NO_PICTURES}>
      {text}
    </ReactMarkdown>
  );
}
