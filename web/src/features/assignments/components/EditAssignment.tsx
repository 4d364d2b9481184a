import { Alert, Button, Card, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { assignmentKept, changeAssignment, selectAssignment, type Assignment } from '../store';
import { fieldsOf, patchOf, type AssignmentFields } from '../fields';
import { AssignmentForm, type Change } from './AssignmentForm';

export function EditAssignment() {
  const { t } = useTranslation('assignments');
  const { assignmentId = '' } = useParams();
  const assignment = useAppSelector(selectAssignment(assignmentId));
  return assignment ? <Editor assignment={assignment} /> : <Empty title={t('gone')} />;
}

const NOTHING: Partial<AssignmentFields> = {};

/** Only what was changed is sent, against the revision on which the editing began; a stale edit asks whose shall stand. */
function Editor({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const [revision, setRevision] = useState(assignment.revision);
  const [change, setChange, forget] = useKept(`assignment.edit.${assignment.id}`, NOTHING);
  const [underway, setUnderway] = useState(false);
  const whole = (some: Partial<AssignmentFields>) => ({ ...fieldsOf(assignment), ...some });
  const edit = (what: Change) =>
    setChange((now) => ({ ...now, ...(typeof what === 'function' ? what(whole(now)) : what) }));
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy, problem } = useAction({ quiet: true });
  const page = `/assignments/${assignment.id}`;

  const save = (against: number) =>
    run(
      async () => {
        const patch = patchOf(change, assignment.status);
        await dispatch(changeAssignment({ id: assignment.id, revision: against, patch })).unwrap();
        forget();
        await go(page);
      },
      t('saved', { ns: 'common' }),
    );

  const stale = problem?.status === 412 ? (problem.current as Assignment | null) : null;
  function takeTheirs(theirs: Assignment) {
    dispatch(assignmentKept({ ...assignment, ...theirs }));
    setRevision(theirs.revision);
    forget();
  }
  return (
    <Page title={t('edit')} trail={[[assignment.title, page]]} narrow>
      <Card>
        <AssignmentForm
          classroomId={assignment.classroom_id}
          fields={whole(change)}
          onChange={edit}
          isNew={false}
          isPublished={assignment.status === 'published'}
          onUnderway={setUnderway}
          problem={stale ? null : problem}
        >
          <Stack gap="sm" w="100%">
            {stale && (
              <Alert color="yellow" title={t('changedTitle')} role="alert">
                {t('changedText', { title: stale.title })}
                <Button size="xs" variant="default" mt="xs" display="block" onClick={() => takeTheirs(stale)}>
                  {t('takeTheirs')}
                </Button>
              </Alert>
            )}
            <Button
              w="fit-content"
              loading={busy}
              disabled={underway}
              onClick={() => void save(stale?.revision ?? revision)}
            >
              {t('form.save')}
            </Button>
          </Stack>
        </AssignmentForm>
      </Card>
    </Page>
  );
}
