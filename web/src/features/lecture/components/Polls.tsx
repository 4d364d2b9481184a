import { ActionIcon, Button, Group, Progress, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { act, vote } from '../connection';
import type { Poll } from '../frames';
import { selectClosedPolls, selectLecture, selectTalk } from '../store';
import classes from './Lecture.module.css';

const MOST_OPTIONS = 10;
const BLANK = { question: '', options: ['', ''] };

/** The polls of the lecture, newest first; a teacher asks new ones. */
export function Polls() {
  const { t } = useTranslation('lecture');
  const { you } = useAppSelector(selectLecture);
  const polls = useAppSelector(selectTalk).filter((entry): entry is Poll => entry.type === 'poll');
  return (
    <Stack>
      {you?.role === 'teacher' && <NewPoll />}
      {polls.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noPolls')}
        </Text>
      )}
      {[...polls].reverse().map((poll) => (
        <PollCard key={poll.seq} poll={poll} />
      ))}
    </Stack>
  );
}

/** One poll with its live result; choosing again replaces one's vote. */
export function PollCard({ poll }: { poll: Poll }) {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const { you, votes } = useAppSelector(selectLecture);
  const isClosed = useAppSelector(selectClosedPolls).has(poll.seq);
  const counts = votes[poll.seq] ?? poll.options.map(() => 0);
  const sum = counts.reduce((total, count) => total + count, 0);
  const own = you?.votes[poll.seq];
  return (
    <div className={classes.pinned} role="group" aria-label={poll.question}>
      <Text fw={600} size="sm">
        {poll.question}
      </Text>
      <Stack gap={6} mt={6}>
        {poll.options.map((option, index) => (
          <UnstyledButton
            key={index}
            disabled={isClosed}
            className={classes.option}
            aria-pressed={own === index}
            onClick={() => dispatch(vote(poll.seq, index))}
          >
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" fw={own === index ? 700 : 400}>
                {option}
                {own === index && ' ✓'}
              </Text>
              <Text size="xs" c="dimmed">
                {counts[index] ?? 0}
              </Text>
            </Group>
            <Progress value={sum > 0 ? (100 * (counts[index] ?? 0)) / sum : 0} aria-label={option} size="sm" />
          </UnstyledButton>
        ))}
      </Stack>
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">
          {t('votes', { count: sum })}
          {isClosed && ` · ${t('pollClosed')}`}
        </Text>
        {you?.role === 'teacher' && !isClosed && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => dispatch(act({ type: 'poll_close', seq: poll.seq }))}
          >
            {t('endPoll')}
          </Button>
        )}
      </Group>
    </div>
  );
}

function NewPoll() {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const [{ question, options }, setDraft] = useState(BLANK);
  const given = options.map((option) => option.trim()).filter(Boolean);
  const setOptions = (changed: string[]) => setDraft({ question, options: changed });

  function ask() {
    dispatch(act({ type: 'poll_open', question: question.trim(), options: given }));
    setDraft(BLANK);
  }

  return (
    <Stack gap="xs">
      <TextInput
        label={t('question')}
        maxLength={300}
        value={question}
        onChange={(event) => setDraft({ question: event.currentTarget.value, options })}
      />
      {options.map((option, index) => (
        <Group key={index} gap={4} wrap="nowrap">
          <TextInput
            flex={1}
            maxLength={300}
            aria-label={t('option', { number: index + 1 })}
            placeholder={t('option', { number: index + 1 })}
            value={option}
            onChange={(event) => setOptions(options.map((old, at) => (at === index ? event.currentTarget.value : old)))}
          />
          {options.length > 2 && (
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t('removeOption', { number: index + 1 })}
              onClick={() => setOptions(options.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={options.length >= MOST_OPTIONS}
          onClick={() => setOptions([...options, ''])}
        >
          {t('addOption')}
        </Button>
        <Button size="xs" disabled={!question.trim() || given.length < 2} onClick={ask}>
          {t('ask')}
        </Button>
      </Group>
    </Stack>
  );
}
