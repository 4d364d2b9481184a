import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  Menu,
  Modal,
  NumberInput,
  Progress,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { IconClock, IconDots, IconEyeOff, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useReducer, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { classroom, data } from '@/shared/api/client';
import { LiveSocket, type End, type Status } from '@/shared/api/socket';
import { ask as confirm } from '@/shared/components/ask';
import { Empty } from '@/shared/components/Empty';
import { Loading } from '@/shared/components/Loading';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { extend, order, tell } from '../api';
import type { MonitorFrame, Row } from '../frames';
import { byNeed, need, nothing, watched, type Monitor } from '../monitor';
import { clock } from '../store';
import classes from './Quiz.module.css';

type Whom = { attemptId: string } | { assignmentId: string };
type Asked = { what: 'extend' | 'tell'; whom: Whom; name: string } | null;

/** A quiz being taken, live: a tile a student, whoever seems to need help first. */
export function Console({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('quiz');
  const [{ status, end, why }, monitor] = useMonitor(assignmentId);
  const now = useNow() + monitor.clockOffset;
  const [asked, ask] = useState<Asked>(null);
  const rows = Object.values(monitor.rows).sort(byNeed(now));
  const done = rows.filter((row) => row.status === 'submitted').length;
  const all = { assignmentId };
  return (
    <Stack gap="md">
      {end && (
        <Alert color="red" role="alert" title={t(`console.over.${end}`)}>
          {why ?? t('console.overText')}
        </Alert>
      )}
      <Group justify="space-between">
        <Text role="status" aria-live="polite" c={status === 'live' ? 'dimmed' : 'red'}>
          {end ? null : status === 'live' ? t('console.counts', { done, count: rows.length }) : t('console.lost')}
        </Text>
        <Orders whom={all} name={t('console.everybody')} onAsk={ask} label={t('console.forAll')} />
      </Group>
      {!monitor.whole && rows.length === 0 && !end && <Loading />}
      {monitor.whole && rows.length === 0 && <Empty title={t('console.nobody')} />}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 4 }} spacing="sm">
        {rows.map((row) => (
          <Tile key={row.student_id} assignmentId={assignmentId} row={row} now={now} onAsk={ask} />
        ))}
      </SimpleGrid>
      {asked && <AskDialog asked={asked} onClose={() => ask(null)} />}
    </Stack>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

interface Standing {
  status: Status;
  end?: End;
  why?: string;
}

function useMonitor(assignmentId: string): [Standing, Monitor] {
  const [standing, setStanding] = useState<Standing>({ status: 'connecting' });
  const [monitor, take] = useReducer(
    (state: Monitor, frame: MonitorFrame) => watched(state, frame, Date.now()),
    nothing,
  );
  useEffect(() => {
    const socket = new LiveSocket<MonitorFrame>(() => `/api/classroom/assignments/${assignmentId}/monitor`, {
      onFrame: take,
      onStatus: (status, end, why) => setStanding({ status, end, why }),
      ask: async () => {
        const params = { path: { assignment_id: assignmentId } };
        await data(classroom.GET('/assignments/{assignment_id}/progress', { params }));
        return undefined;
      },
    });
    socket.open();
    return () => socket.close();
  }, [assignmentId]);
  return [standing, monitor];
}

interface TileProps {
  assignmentId: string;
  row: Row;
  now: number;
  onAsk: (asked: Asked) => void;
}

function Tile({ assignmentId, row, now, onAsk }: TileProps) {
  const { t } = useTranslation('quiz');
  const state = need(row, now);
  const left =
    row.deadline_at && Math.max(0, Date.parse(row.deadline_at) - (row.paused_at ? Date.parse(row.paused_at) : now));
  return (
    <Card padding="sm" className={classes.tile} data-need={state}>
      <Group justify="space-between" wrap="nowrap">
        {row.attempt_id && row.status === 'submitted' ? (
          <Anchor
            component={Link}
            to={`/quizzes/${assignmentId}/attempts/${row.attempt_id}`}
            fw={600}
            truncate
            aria-label={t('console.review', { name: row.name })}
          >
            {row.name}
          </Anchor>
        ) : (
          <Text fw={600} truncate>
            {row.name}
          </Text>
        )}
        {row.attempt_id && row.status !== 'submitted' && (
          <Orders
            whom={{ attemptId: row.attempt_id }}
            name={row.name}
            onAsk={onAsk}
            isPaused={row.status === 'paused'}
          />
        )}
      </Group>
      <Progress
        value={row.question_count > 0 ? (100 * row.answered_count) / row.question_count : 0}
        my={6}
        aria-label={t('console.progress', { name: row.name })}
      />
      <Group gap="xs" justify="space-between">
        {row.attempt_id && (
          <Text size="sm">{t('console.answered', { done: row.answered_count, count: row.question_count })}</Text>
        )}
        {left !== null && left !== '' && row.status !== 'submitted' && (
          <Text size="sm">
            <IconClock size={12} aria-hidden /> {clock(Number(left))}
          </Text>
        )}
      </Group>
      <Group gap={6} mt={6}>
        <Badge variant="light" color={state === 'help' ? 'red' : state === 'done' ? 'leaf' : 'gray'}>
          {t(`console.need.${state}`)}
        </Badge>
        {row.score !== null && (
          <Badge variant="default">{t('scored', { score: decimal(row.score), max: decimal(row.max_score) })}</Badge>
        )}
        {row.focus_losses > 0 && (
          <Badge variant="default" leftSection={<IconEyeOff size={11} aria-hidden />}>
            {t('console.focusLosses', { count: row.focus_losses })}
          </Badge>
        )}
        {row.attempt_id && !row.connected && row.status !== 'submitted' && (
          <Badge variant="default" leftSection={<IconWifiOff size={11} aria-hidden />}>
            {t('console.offline')}
          </Badge>
        )}
      </Group>
    </Card>
  );
}

interface OrdersProps {
  whom: Whom;
  name: string;
  onAsk: (asked: Asked) => void;
  label?: string;
  /** Of one attempt; of all, both orders are offered. */
  isPaused?: boolean;
}

function Orders({ whom, name, onAsk, label, isPaused }: OrdersProps) {
  const { t } = useTranslation('quiz');
  const { run } = useAction();
  const give = (what: 'pause' | 'resume' | 'submit-now') =>
    void run(() => order(what, whom), t(`console.done.${what}`));
  const submit = () =>
    confirm({
      title: 'assignmentId' in whom ? t('console.submitAllTitle') : t('console.submitTitle', { name }),
      text: t('console.submitText'),
      action: t('console.submitNow'),
      onYes: () => give('submit-now'),
    });
  return (
    <Menu>
      <Menu.Target>
        <Button size="compact-sm" variant="default" aria-label={label ?? t('console.orders', { name })}>
          {label ?? <IconDots size={16} />}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {isPaused !== true && <Menu.Item onClick={() => give('pause')}>{t('console.pause')}</Menu.Item>}
        {isPaused !== false && <Menu.Item onClick={() => give('resume')}>{t('console.resume')}</Menu.Item>}
        <Menu.Item onClick={() => onAsk({ what: 'extend', whom, name })}>{t('console.extend')}</Menu.Item>
        <Menu.Item onClick={() => onAsk({ what: 'tell', whom, name })}>{t('console.tell')}</Menu.Item>
        <Menu.Item color="red" onClick={submit}>
          {t('console.submitNow')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function AskDialog({ asked, onClose }: { asked: NonNullable<Asked>; onClose: () => void }) {
  const { t } = useTranslation('quiz');
  const { run, busy } = useAction();
  const [minutes, setMinutes] = useState<number | string>(5);
  const [text, setText] = useState('');
  const work =
    asked.what === 'extend' ? () => extend(Number(minutes) * 60, asked.whom) : () => tell(text.trim(), asked.whom);
  return (
    <Modal opened onClose={onClose} title={t(`console.${asked.what}`)}>
      <Stack>
        <Text size="sm">{asked.name}</Text>
        {asked.what === 'extend' ? (
          <NumberInput
            label={t('console.minutes')}
            min={1}
            max={600}
            value={minutes}
            onChange={setMinutes}
            data-autofocus
          />
        ) : (
          <Textarea
            label={t('console.message')}
            autosize
            minRows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button
            loading={busy}
            disabled={asked.what === 'tell' ? !text.trim() : !Number(minutes)}
            onClick={() => void run(work, t(`console.done.${asked.what}`)).then((done) => done && onClose())}
          >
            {t('console.send')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
