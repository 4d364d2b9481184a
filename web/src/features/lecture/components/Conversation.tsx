import { ActionIcon, Button, Card, Group, Menu, Text, Textarea } from '@mantine/core';
import { IconDots, IconMoodSmile, IconPin, IconSend, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { timeOfDay } from '@/shared/format';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { act, react, readOlder, seen } from '../connection';
import type { Message } from '../frames';
import { lastSeq, selectLecture, selectTalk } from '../store';
import classes from './Lecture.module.css';
import { PollCard } from './Polls';

const EMOJI = ['👍', '❤️', '😂', '🎉', '🤔', '👏'];
const NEAR_END = 80;
const LONGEST = 4000;

/** What was said, newest last, and what one says. */
export function Conversation() {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const state = useAppSelector(selectLecture);
  const talk = useAppSelector(selectTalk);
  const lines = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const newest = lastSeq(state);
  const count = talk.length + state.pending.length;

  useEffect(() => {
    const box = lines.current;
    if (box && atEnd.current) box.scrollTop = box.scrollHeight;
  }, [count]);
  useEffect(() => {
    if (newest > 0 && document.visibilityState === 'visible') dispatch(seen(newest));
  }, [dispatch, newest]);

  function onScroll() {
    const box = lines.current!;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  }

  return (
    <Card className={classes.talk} padding="md" component="section" aria-label={t('conversation')}>
      <Pinned />
      <div
        ref={lines}
        className={classes.lines}
        onScroll={onScroll}
        role="log"
        aria-label={t('conversation')}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reached by key
        tabIndex={0}
      >
        {state.firstSeq > 0 && (
          <Button variant="subtle" size="xs" fullWidth onClick={() => void dispatch(readOlder())}>
            {t('older')}
          </Button>
        )}
        {talk.length === 0 && state.status === 'live' && (
          <Text c="dimmed" ta="center" py="xl">
            {t('silence')}
          </Text>
        )}
        {talk.map((entry) =>
          entry.type === 'poll' ? <PollCard key={entry.seq} poll={entry} /> : <Line key={entry.seq} message={entry} />,
        )}
        {state.pending.map(
          (one) =>
            one.type === 'send' && (
              <div key={one.client_id} className={classes.line} aria-busy>
                <Text size="xs" c="dimmed">
                  {t('sending')}
                </Text>
                <div className={classes.body}>{one.body}</div>
              </div>
            ),
        )}
      </div>
      <Composer />
    </Card>
  );
}

function Pinned() {
  const { t } = useTranslation('lecture');
  const { pinnedSeq, entries } = useAppSelector(selectLecture);
  const pinned = entries.find((entry) => entry.seq === pinnedSeq);
  if (pinned?.type !== 'message' || pinned.deleted) return null;
  return (
    <div className={classes.pinned}>
      <Text size="xs" c="dimmed">
        <IconPin size={12} aria-hidden /> {t('pinned', { name: pinned.author.name })}
      </Text>
      <div className={classes.body}>{pinned.body}</div>
    </div>
  );
}

function Line({ message }: { message: Message }) {
  const { t } = useTranslation('lecture');
  const { you, reactions } = useAppSelector(selectLecture);
  const dispatch = useAppDispatch();
  const own = new Set(you?.reactions.filter(([seq]) => seq === message.seq).map(([, emoji]) => emoji));
  if (message.deleted) {
    return (
      <Text className={classes.line} size="sm" c="dimmed" fs="italic">
        {t('deleted', { name: message.author.name })}
      </Text>
    );
  }
  return (
    <div
      id={`entry-${message.seq}`}
      tabIndex={-1}
      className={classes.line}
      data-teacher={message.author.role === 'teacher' || undefined}
      data-mentioned={(you && message.mentions.includes(you.account_id)) || undefined}
    >
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {message.author.name}{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            {timeOfDay(message.at)}
          </Text>
        </Text>
        <Tools message={message} own={own} />
      </Group>
      <div className={classes.body}>{message.body}</div>
      <Group gap={4} mt={2}>
        {Object.entries(reactions[message.seq] ?? {}).map(([emoji, number]) => (
          <Button
            key={emoji}
            size="compact-xs"
            radius="xl"
            variant={own.has(emoji) ? 'light' : 'default'}
            aria-pressed={own.has(emoji)}
            onClick={() => dispatch(react(message.seq, emoji, !own.has(emoji)))}
          >
            {emoji} {number}
          </Button>
        ))}
      </Group>
    </div>
  );
}

function Tools({ message, own }: { message: Message; own: Set<string> }) {
  const { t } = useTranslation('lecture');
  const { you, pinnedSeq } = useAppSelector(selectLecture);
  const dispatch = useAppDispatch();
  const teaches = you?.role === 'teacher';
  const mayDelete = teaches || message.author.account_id === you?.account_id;
  return (
    <Group gap={2} wrap="nowrap" className={classes.tools}>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('react', { name: message.author.name })}>
            <IconMoodSmile size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Group gap={2} px={4}>
            {EMOJI.map((emoji) => (
              <Menu.Item
                key={emoji}
                w="auto"
                px={6}
                onClick={() => dispatch(react(message.seq, emoji, !own.has(emoji)))}
              >
                {emoji}
              </Menu.Item>
            ))}
          </Group>
        </Menu.Dropdown>
      </Menu>
      {(teaches || mayDelete) && (
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('more', { name: message.author.name })}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {teaches && (
              <Menu.Item
                leftSection={<IconPin size={14} />}
                onClick={() => dispatch(act({ type: 'pin', seq: pinnedSeq === message.seq ? null : message.seq }))}
              >
                {t(pinnedSeq === message.seq ? 'unpin' : 'pin')}
              </Menu.Item>
            )}
            {mayDelete && (
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={14} />}
                onClick={() => dispatch(act({ type: 'delete', seq: message.seq }))}
              >
                {t('delete')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}

function Composer() {
  const { t } = useTranslation('lecture');
  const { you, announcementsOnly, refusal, room } = useAppSelector(selectLecture);
  const dispatch = useAppDispatch();
  const [text, setText, forget] = useKept(`lecture.${room?.lecture_id ?? ''}`, '');
  const [composing, setComposing] = useState(false);
  const barred = you?.muted ? 'muted' : announcementsOnly && you?.role === 'student' ? 'announcements' : null;

  function send() {
    const body = text.trim();
    if (!body || barred) return;
    dispatch(act({ type: 'send', body }));
    forget();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || composing) return;
    event.preventDefault();
    send();
  }

  return (
    <div>
      {barred && text && (
        <Text size="sm" c="dimmed" role="status">
          {t(`barred.${barred}`)}
        </Text>
      )}
      {refusal && (
        <Text size="sm" c="red" role="alert">
          {refusal.detail}
        </Text>
      )}
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <Textarea
          flex={1}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={LONGEST}
          value={text}
          disabled={barred !== null}
          aria-label={t('say')}
          placeholder={barred ? t(`barred.${barred}`) : t('say')}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onCompositionStart={() => setComposing(true)}
          onCompositionEnd={() => setComposing(false)}
        />
        <ActionIcon size={36} aria-label={t('send')} disabled={!text.trim() || barred !== null} onClick={send}>
          <IconSend size={18} />
        </ActionIcon>
      </Group>
    </div>
  );
}
