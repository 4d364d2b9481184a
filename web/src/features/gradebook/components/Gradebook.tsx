import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconAdjustments, IconDownload, IconRefresh, IconSearch } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { GradingSchemas } from '@/shared/api/schemas';
import { Empty } from '@/shared/components/Empty';
import { Failure } from '@/shared/components/Failure';
import { Loading } from '@/shared/components/Loading';
import { Page } from '@/shared/components/Page';
import type { Problem } from '@/shared/api/problem';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { refreshBook, saveBook, useGradebookInfiniteQuery, useReleaseGradesMutation, type BookPage } from '../api';
import { cellOf } from '../cells';
import { ConflictDialog } from './ConflictDialog';
import { Grid } from './Grid';
import { StudentDrawer } from './StudentDrawer';
import { useGrading } from './useGrading';

type Column = GradingSchemas['Column'];
type Student = GradingSchemas['BookStudent'];

/** Students × assignments of one classroom, for those who teach it. */
export function Gradebook() {
  const { classroomId = '' } = useParams();
  const { t } = useTranslation('gradebook');
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 300);
  const chosen = useMemo(() => ({ classroomId, search }), [classroomId, search]);
  const query = useGradebookInfiniteQuery(chosen);
  const pages = query.data?.pages;
  const book = pages?.[0]?.book;
  return (
    <Page
      title={t('title')}
      subtitle={book && t('count', { count: book.students })}
      trail={[[book?.title ?? '…', `/classrooms/${classroomId}`]]}
      actions={
        <>
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => dispatch(refreshBook())}>
            {t('refresh')}
          </Button>
          <Menu>
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={16} />}>
                {t('export')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(['xlsx', 'csv'] as const).map((kind) => (
                <Menu.Item
                  key={kind}
                  onClick={() => void run(() => saveBook(classroomId, book?.title ?? 'gradebook', kind))}
                >
                  {t(`kinds.${kind}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Button component={Link} to="policy" leftSection={<IconAdjustments size={16} />}>
            {t('policy.title')}
          </Button>
        </>
      }
    >
      <TextInput
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={<IconSearch size={16} aria-hidden />}
        aria-label={t('search')}
        placeholder={t('search')}
        maw={320}
      />
      {query.error && !pages ? (
        <Failure problem={query.error as Problem} onRetry={() => void query.refetch()} />
      ) : pages && book ? (
        <Table pages={pages} chosen={chosen} onEnd={query.fetchNextPage} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

interface TableProps {
  pages: BookPage[];
  chosen: { classroomId: string; search: string };
  onEnd: () => void;
}

function Table({ pages, chosen, onEnd }: TableProps) {
  const { t } = useTranslation('gradebook');
  const [student, setStudent] = useState<Student | null>(null);
  const [column, setColumn] = useState<Column | null>(null);
  const book = pages[0]!.book;
  const students = useMemo(() => pages.flatMap((page) => page.book.items), [pages]);
  const grades = useMemo(
    () =>
      new Map(
        pages.flatMap((page) => page.grades).map((grade) => [`${grade.student_id} ${grade.assignment_id}`, grade]),
      ),
    [pages],
  );
  const gradeOf = (studentId: string, assignmentId: string) => grades.get(`${studentId} ${assignmentId}`);
  const { give, conflict, settle } = useGrading(chosen, gradeOf);
  const more = useCallback(() => void onEnd(), [onEnd]);

  if (book.assignments.length === 0) return <Empty title={t('noWork.title')}>{t('noWork.text')}</Empty>;
  if (students.length === 0) return <Empty title={t('nobody.title')}>{t('nobody.text')}</Empty>;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed" id="gradebook-help">
        {t('help')}
      </Text>
      <Grid
        label={t('title')}
        columns={book.assignments}
        students={students}
        studentCount={chosen.search ? students.length : book.students}
        cellAt={(one, index) => {
          const assignment = book.assignments[index]!;
          return cellOf(one.cells[index]!, gradeOf(one.student_id, assignment.assignment_id), assignment.points);
        }}
        onType={(one, assignment, typed) => void give(one, assignment, typed)}
        onStudent={setStudent}
        onColumn={setColumn}
        onEnd={more}
      />
      <Legend />
      <StudentDrawer classroomId={chosen.classroomId} student={student} onClose={() => setStudent(null)} />
      <ColumnDialog column={column} onClose={() => setColumn(null)} />
      <ConflictDialog conflict={conflict} onSettle={settle} />
    </Stack>
  );
}

function Legend() {
  const { t } = useTranslation('gradebook');
  return (
    <Group gap="lg">
      {(['draft', 'excused', 'missing', 'handed_in'] as const).map((look) => (
        <Text key={look} size="xs" c="dimmed">
          <Text span fw={700} fs={look === 'draft' ? 'italic' : undefined}>
            {look === 'draft' ? '8' : t(`sign.${look}`)}
          </Text>{' '}
          {t(`look.${look}`)}
        </Text>
      ))}
    </Group>
  );
}

/** What can be done with a whole column. */
function ColumnDialog({ column, onClose }: { column: Column | null; onClose: () => void }) {
  const { t } = useTranslation('gradebook');
  const [release] = useReleaseGradesMutation();
  const { run, busy } = useAction();
  const [shown] = useDisclosure(true);
  return (
    <Modal opened={column !== null && shown} onClose={onClose} title={column?.title}>
      <Stack>
        <Text size="sm">{t('release.text')}</Text>
        <Group justify="flex-end">
          {column?.kind === 'quiz' && (
            <Button variant="default" component={Link} to={`/quizzes/${column.assignment_id}/statistics`}>
              {t('statistics')}
            </Button>
          )}
          <Button
            loading={busy}
            onClick={() =>
              void run(() => release(column!.assignment_id).unwrap(), t('release.done')).then(
                (done) => done && onClose(),
              )
            }
          >
            {t('release.action')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
