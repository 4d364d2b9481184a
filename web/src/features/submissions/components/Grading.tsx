import { Alert, Button, Card, Checkbox, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Assignment } from '@/features/assignments/store';
import { ConflictDialog } from '@/features/gradebook/components/ConflictDialog';
import type { Conflict } from '@/features/gradebook/components/useGrading';
import { problemOf } from '@/shared/api/problem';
import { Resource } from '@/shared/components/Resource';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useGradeOfQuery, useGradeWorkMutation, type Grade, type StudentWork } from '../api';
import { asGrade, marked, type Marks } from '../marks';

interface Props {
  assignment: Assignment;
  work: StudentWork;
  onNext: () => void;
}

/** The grade of one student beside their work. */
export function Grading(props: Props) {
  const { assignment, work } = props;
  const { id: assignmentId, classroom_id: classroomId } = assignment;
  const query = useGradeOfQuery({ classroomId, assignmentId, studentId: work.student_id });
  return <Resource query={query}>{(grade) => <Form {...props} grade={grade} />}</Resource>;
}

function Form({ assignment, work, onNext, grade }: Props & { grade: Grade | null }) {
  const { t } = useTranslation('submissions');
  const { student_id: studentId, name } = work;
  const whose = { classroomId: assignment.classroom_id, assignmentId: assignment.id, studentId };
  const [kept, setKept, forget] = useKept<Marks | null>(`grade.${assignment.id}.${studentId}`, null);
  const [send] = useGradeWorkMutation();
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const { run, busy } = useAction();
  const now = kept ?? marked(grade);
  const found = asGrade(now);
  const isOver = found?.score && assignment.points_possible && Number(found.score) > Number(assignment.points_possible);
  const change = (part: Partial<Marks>) => setKept({ ...now, ...part });

  /** Answers whether it is kept; somebody else's grade in between is told, not overwritten. */
  async function give(version: number | null): Promise<boolean> {
    if (!found) return false;
    try {
      await send({ ...whose, grade: found, version }).unwrap();
      forget();
      return true;
    } catch (error) {
      const { status, current } = problemOf(error);
      if (status !== 412 || !current) throw error;
      const theirs = { ...(current as Grade), assignment_id: assignment.id };
      setConflict({ ...whose, who: name, yours: found, theirs });
      return false;
    }
  }

  const save = (then?: () => void) =>
    void run(async () => {
      if (await give(now.version)) then?.();
    });

  async function settle(mine: boolean) {
    const version = conflict?.theirs.version ?? null;
    setConflict(null);
    if (mine) await run(() => give(version));
    else forget();
  }

  return (
    <Card>
      <Stack>
        <Title order={2}>{t('grading.title')}</Title>
        <TextInput
          label={t('grading.score')}
          description={
            assignment.points_possible && t('grading.outOf', { points: decimal(assignment.points_possible) })
          }
          inputMode="decimal"
          value={now.score}
          disabled={now.excused}
          error={!found && t('grading.wrongScore')}
          onChange={(event) => change({ score: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Enter' && found && save(onNext)}
        />
        {isOver && (
          <Alert color="yellow" p="xs" role="status">
            {t('grading.over', { points: decimal(assignment.points_possible) })}
          </Alert>
        )}
        <Checkbox
          label={t('grading.excused')}
          checked={now.excused}
          onChange={(event) => change({ excused: event.currentTarget.checked })}
        />
        <Textarea
          label={t('grading.feedback')}
          value={now.feedback}
          autosize
          minRows={4}
          maxRows={16}
          maxLength={20_000}
          onChange={(event) => change({ feedback: event.currentTarget.value })}
        />
        <Checkbox
          label={t('grading.released')}
          checked={now.released}
          disabled={Boolean(grade?.released_at)}
          onChange={(event) => change({ released: event.currentTarget.checked })}
        />
        <Group gap="xs">
          <Button loading={busy} disabled={!kept || !found} onClick={() => save(onNext)}>
            {t('grading.saveNext')}
          </Button>
          <Button variant="default" disabled={busy || !kept || !found} onClick={() => save()}>
            {t('grading.save')}
          </Button>
        </Group>
        <Text size="sm" c="dimmed" role="status">
          {kept ? t('grading.kept') : grade && t('grading.saved')}
        </Text>
      </Stack>
      <ConflictDialog conflict={conflict} onSettle={settle} />
    </Card>
  );
}
