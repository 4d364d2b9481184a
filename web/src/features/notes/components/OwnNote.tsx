import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconBookmark, IconCheck, IconCloudUpload } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { timeOfDay } from '@/shared/format';
import { marksIn } from '../store';
import { useNote } from '../useNote';
import classes from './OwnNote.module.css';

interface Props {
  classroomId: string;
  assignmentId: string;
  /** The newest message of the chat while the lecture goes on. */
  headSeq?: number;
  /** Shows a message of the chat, where there is one to show. */
  onGo?: (seq: number) => void;
}

const LONGEST = 100_000;

/** A student's own text on a lecture, kept as it is typed; it may name moments of the chat. */
export function OwnNote({ classroomId, assignmentId, headSeq = 0, onGo }: Props) {
  const { t } = useTranslation('notes');
  const field = useRef<HTMLTextAreaElement>(null);
  // Where one wrote last; a field that was never entered is continued at its end.
  const caret = useRef<number | null>(null);
  const { body, saved, safety, problem, conflict, write, keepMine, keepTheirs } = useNote(classroomId, assignmentId);
  const seq = headSeq > 0 ? headSeq : null;

  function mark() {
    const at = caret.current ?? body.length;
    const before = body.slice(0, at);
    write(`${before}${before && !/\s$/.test(before) ? ' ' : ''}#${headSeq} ${body.slice(at)}`, seq);
    field.current?.focus();
  }

  if (conflict) {
    return <Overtaken mine={body} theirs={saved?.body ?? ''} onMine={keepMine} onTheirs={keepTheirs} />;
  }
  return (
    <Stack gap="xs" className={classes.note}>
      <Textarea
        ref={field}
        aria-label={t('mine')}
        placeholder={t('placeholder')}
        maxLength={LONGEST}
        value={body}
        onChange={(event) => write(event.currentTarget.value, seq)}
        onSelect={(event) => (caret.current = event.currentTarget.selectionEnd)}
        classNames={{ root: classes.field, wrapper: classes.field, input: classes.input }}
      />
      <Group justify="space-between" gap="xs" mih={26}>
        <Text size="xs" c={safety === 'failed' ? 'red' : 'dimmed'} role="status" component="div">
          <Group gap={4} wrap="nowrap">
            {safety === 'saved' ? <IconCheck size={14} aria-hidden /> : <IconCloudUpload size={14} aria-hidden />}
            {safety === 'saved' && saved
              ? t('savedAt', { at: timeOfDay(saved.updated_at) })
              : safety === 'failed'
                ? problem?.detail
                : t(`safety.${saved || safety !== 'saved' ? safety : 'nothing'}`)}
          </Group>
        </Text>
        {seq !== null && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconBookmark size={14} aria-hidden />}
            onClick={mark}
          >
            {t('mark')}
          </Button>
        )}
      </Group>
      {onGo && <Marks body={body} onGo={onGo} />}
    </Stack>
  );
}

/** The moments of the chat that the note names. */
function Marks({ body, onGo }: { body: string; onGo: (seq: number) => void }) {
  const { t } = useTranslation('notes');
  const marks = marksIn(body);
  if (marks.length === 0) return null;
  return (
    <Group gap={4} role="group" aria-label={t('marks')}>
      {marks.map((seq) => (
        <Button
          key={seq}
          size="compact-xs"
          radius="xl"
          variant="light"
          aria-label={t('goTo', { seq })}
          onClick={() => onGo(seq)}
        >
          #{seq}
        </Button>
      ))}
    </Group>
  );
}

interface OvertakenProps {
  mine: string;
  theirs: string;
  onMine: () => void;
  onTheirs: () => void;
}

function Overtaken({ mine, theirs, onMine, onTheirs }: OvertakenProps) {
  const { t } = useTranslation('notes');
  return (
    <Alert color="orange" title={t('overtaken.title')}>
      <Stack gap="xs">
        <Text size="sm">{t('overtaken.text')}</Text>
        <Textarea label={t('overtaken.mine')} value={mine} readOnly autosize maxRows={8} />
        <Textarea label={t('overtaken.theirs')} value={theirs} readOnly autosize maxRows={8} />
        <Group gap="xs">
          <Button size="sm" onClick={onMine}>
            {t('overtaken.keepMine')}
          </Button>
          <Button size="sm" variant="default" onClick={onTheirs}>
            {t('overtaken.keepTheirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
