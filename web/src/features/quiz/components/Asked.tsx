import { Prose } from '@/shared/components/Prose';
import { Pictures } from './Pictures';

/** What a question says: its text and its pictures. */
export function Asked({ question }: { question: { text?: string; file_ids?: string[] } }) {
  return (
    <>
      <Prose text={question.text ?? ''} />
      <Pictures fileIds={question.file_ids ?? []} />
    </>
  );
}
