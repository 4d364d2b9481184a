import { Button, Card } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Page } from '@/shared/components/Page';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { addAssignment } from '../store';
import { BLANK, bodyOf, type AssignmentFields } from '../fields';
import { AssignmentForm, type Change } from './AssignmentForm';

const NOTHING: Partial<AssignmentFields> = {};

/** Of any kind; what is typed survives a reload until it is saved. */
export function NewAssignment() {
  const { t } = useTranslation('assignments');
  const { classroomId = '' } = useParams();
  const [query] = useSearchParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const [kept, setKept, forget] = useKept<Partial<AssignmentFields>>(`assignment.${classroomId}`, NOTHING);
  const [underway, setUnderway] = useState(false);
  const whole = (some: Partial<AssignmentFields>) => ({ ...BLANK, topic_id: query.get('topic'), ...some });
  const fields = whole(kept);
  const change = (what: Change) =>
    setKept((now) => ({ ...now, ...(typeof what === 'function' ? what(whole(now)) : what) }));
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy, problem } = useAction({ quiet: true });

  const save = (publish: boolean) =>
    run(async () => {
      const body = bodyOf(fields, publish);
      const id = await dispatch(addAssignment({ classroom_id: classroomId, body })).unwrap();
      forget();
      await go(`/assignments/${id}`);
    }, t('created'));
  const incomplete = !fields.title.trim() || underway;

  return (
    <Page title={t('new')} trail={[[classroom?.title ?? '', `/classrooms/${classroomId}`]]} narrow>
      <Card>
        <AssignmentForm
          classroomId={classroomId}
          fields={fields}
          onChange={change}
          isNew
          isPublished={false}
          onUnderway={setUnderway}
          problem={problem}
        >
          <Button loading={busy} disabled={incomplete} onClick={() => void save(true)}>
            {t(fields.publish_at ? 'form.schedule' : 'form.publish')}
          </Button>
          <Button variant="default" disabled={busy || incomplete} onClick={() => void save(false)}>
            {t('form.saveDraft')}
          </Button>
        </AssignmentForm>
      </Card>
    </Page>
  );
}
