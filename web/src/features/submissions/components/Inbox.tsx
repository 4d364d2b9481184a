import { Badge, Button, Card, Grid, Group, NavLink, ScrollArea, Select, Stack, Text, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconChevronLeft, IconChevronRight, IconDownload, IconSearch, IconSend } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { useReleaseGradesMutation } from '@/features/assignments/api';
import { selectAssignment, type Assignment } from '@/features/assignments/store';
import { Comments } from '@/features/comments/components/Comments';
import { download } from '@/shared/api/client';
import { ask } from '@/shared/components/ask';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppSelector } from '@/shared/store';
import { useInboxInfiniteQuery, type StudentWork, type WorkStatus } from '../api';
import { beside, found } from '../inbox';
import { Grading } from './Grading';
import { Late } from './Late';
import { WorkShown } from './WorkShown';

const BESIDE = '(min-width: 62em)';
const STATUSES: WorkStatus[] = ['turned_in', 'returned', 'reclaimed', 'created', 'missing'];

/** Everybody's work on an assignment, to be looked at and graded one after another. */
export function Inbox() {
  const { t } = useTranslation('assignments');
  const { assignmentId = '' } = useParams();
  const assignment = useAppSelector(selectAssignment(assignmentId));
  return assignment ? <Found assignment={assignment} /> : <Empty title={t('gone')} />;
}

function Found({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('submissions');
  const [status, setStatus] = useState<WorkStatus | null>(null);
  const [search, setSearch] = useState('');
  const [place, setPlace] = useSearchParams();
  const query = useInboxInfiniteQuery({ assignmentId: assignment.id, status });
  const chosen = place.get('student');
  const choose = (studentId: string) => setPlace({ student: studentId }, { replace: true });
  return (
    <Page
      title={t('inbox.title')}
      trail={[[assignment.title, `/assignments/${assignment.id}`]]}
      subtitle={
        <Text span visibleFrom="md">
          {t('inbox.keys')}
        </Text>
      }
      actions={<Actions assignment={assignment} />}
    >
      <Group>
        <TextInput
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          aria-label={t('inbox.search')}
          placeholder={t('inbox.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
        />
        <Select
          aria-label={t('inbox.filter')}
          data={[
            { value: '', label: t('inbox.all') },
            ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
          ]}
          value={status ?? ''}
          onChange={(value) => setStatus((value || null) as WorkStatus | null)}
          allowDeselect={false}
        />
      </Group>
      <Resource query={query}>
        {({ pages }) => {
          const shown = found(
            pages.flatMap((page) => page.items),
            search,
          );
          if (shown.length === 0) return <Empty title={t('inbox.nobody')} action={<MoreButton query={query} />} />;
          return (
            <Split assignment={assignment} list={shown} chosen={chosen} onChoose={choose}>
              <MoreButton query={query} />
            </Split>
          );
        }}
      </Resource>
    </Page>
  );
}

function Actions({ assignment: { id, title } }: { assignment: Assignment }) {
  const { t } = useTranslation('submissions');
  const [release] = useReleaseGradesMutation();
  const { run, busy } = useAction();
  const releaseAll = () =>
    ask({
      title: t('inbox.release'),
      text: t('inbox.releaseText'),
      action: t('inbox.release'),
      isSafe: true,
      onYes: () =>
        void run(async () => {
          const { released } = await release(id).unwrap();
          notifications.show({ message: t('inbox.released', { count: released }) });
        }),
    });
  return (
    <>
      <Button
        variant="default"
        disabled={busy}
        leftSection={<IconDownload size={18} aria-hidden />}
        onClick={() => void run(() => download(`/api/files/assignments/${id}/submissions.zip`, `${title}.zip`))}
      >
        {t('inbox.zip')}
      </Button>
      <Button loading={busy} leftSection={<IconSend size={18} aria-hidden />} onClick={releaseAll}>
        {t('inbox.release')}
      </Button>
    </>
  );
}

interface SplitProps {
  assignment: Assignment;
  list: StudentWork[];
  chosen: string | null;
  onChoose: (studentId: string) => void;
  children: React.ReactNode;
}

function Split({ assignment, list, chosen, onChoose, children }: SplitProps) {
  const { t } = useTranslation('submissions');
  const go = (step: 1 | -1) => {
    const next = beside(list, chosen, step);
    if (next) onChoose(next.student_id);
  };
  useHotkeys([
    ['J', () => go(1)],
    ['K', () => go(-1)],
  ]);
  useHotkeys(
    [
      ['alt+ArrowDown', () => go(1)],
      ['alt+ArrowUp', () => go(-1)],
    ],
    [],
  );
  const work = list.find((one) => one.student_id === chosen);
  // On a phone the work stands below the list.
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen && !window.matchMedia(BESIDE).matches) shown.current?.scrollIntoView();
  }, [chosen]);
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 3 }}>
        <Card padding="xs" component="nav" aria-label={t('inbox.list')}>
          <ScrollArea.Autosize mah="75vh">
            {list.map((one) => (
              <Row key={one.student_id} work={one} active={one === work} onChoose={() => onChoose(one.student_id)} />
            ))}
            {children}
          </ScrollArea.Autosize>
        </Card>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 9 }} ref={shown} style={{ scrollMarginTop: 76 }}>
        {work ? (
          <Stack>
            <Group justify="space-between">
              <Text fw={600} fz="lg" aria-live="polite">
                {work.name}
              </Text>
              <Steps list={list} chosen={chosen} onGo={go} />
            </Group>
            <Grid>
              <Grid.Col span={{ base: 12, lg: 8 }}>
                <Stack>
                  <WorkShown key={work.student_id} work={work} />
                  <Comments
                    key={`said.${work.student_id}`}
                    assignmentId={assignment.id}
                    studentId={work.student_id}
                    teaches
                  />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 4 }}>
                <Grading key={work.student_id} assignment={assignment} work={work} onNext={() => go(1)} />
              </Grid.Col>
            </Grid>
          </Stack>
        ) : (
          <Empty title={t('inbox.choose')} />
        )}
      </Grid.Col>
    </Grid>
  );
}

interface StepsProps {
  list: StudentWork[];
  chosen: string | null;
  onGo: (step: 1 | -1) => void;
}

function Steps({ list, chosen, onGo }: StepsProps) {
  const { t } = useTranslation('submissions');
  return (
    <Group gap="xs">
      <Button
        size="sm"
        variant="default"
        leftSection={<IconChevronLeft size={16} aria-hidden />}
        disabled={!beside(list, chosen, -1)}
        onClick={() => onGo(-1)}
      >
        {t('inbox.previous')}
      </Button>
      <Button
        size="sm"
        variant="default"
        rightSection={<IconChevronRight size={16} aria-hidden />}
        disabled={!beside(list, chosen, 1)}
        onClick={() => onGo(1)}
      >
        {t('inbox.next')}
      </Button>
    </Group>
  );
}

interface RowProps {
  work: StudentWork;
  active: boolean;
  onChoose: () => void;
}

function Row({ work, active, onChoose }: RowProps) {
  const { t } = useTranslation('submissions');
  return (
    <NavLink
      component="button"
      active={active}
      aria-current={active || undefined}
      onClick={onChoose}
      label={work.name}
      description={
        <Group gap={6} component="span">
          {t(`status.${work.status}`)}
          <Late seconds={work.late_seconds} />
        </Group>
      }
      rightSection={<Mark work={work} />}
    />
  );
}

function Mark({ work: { score, excused, released_at } }: { work: StudentWork }) {
  const { t } = useTranslation('submissions');
  if (excused) return <Badge variant="light">{t('inbox.excused')}</Badge>;
  if (score === null) return null;
  if (!released_at) return <Badge variant="outline">{t('inbox.draft', { score: decimal(score) })}</Badge>;
  return <Badge>{decimal(score)}</Badge>;
}
