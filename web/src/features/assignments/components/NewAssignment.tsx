import { Button, Card } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Page } from '@/shared/components/Page';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { addAssignment } from '../store';
import { AssignmentForm, type AssignmentFields } from './AssignmentForm';

const BLANK: AssignmentFields = {
  kind: 'homework',
  title: '',
  description: '',
  topic_id: null,
  due_at: null,
  points_possible: '10',
  counts: null,
};

/** Of any kind; what is typed survives a reload until it is saved. */
export function NewAssignment() {
  const { t } = useTranslation('assignments');
  const { classroomId = '' } = useParams();
  const [query] = useSearchParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const [kept, setKept, forget] = useKept<Partial<AssignmentFields>>(`assignment.${classroomId}`, NOTHING);
  const fields = { ...BLANK, topic_id: query.get('topic'), ...kept };
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy, problem } = useAction({ quiet: true });

  const save = (status: 'draft' | 'published') =>
    run(async () => {
      const { points_possible, ...rest } = fields;
      const body = {
        ...rest,
        title: fields.title.trim(),
        status,
        points_possible: fields.kind === 'material' ? null : points_possible,
      };
      const id = await dispatch(addAssignment({ classroom_id: classroomId, body })).unwrap();
      forget();
      await go(`/assignments/${id}`);
    }, t('created'));

  return (
    <Page title={t('new')} trail={[[classroom?.title ?? '', `/classrooms/${classroomId}`]]} narrow>
      <Card>
        <AssignmentForm
          classroomId={classroomId}
          fields={fields}
          onChange={(change) => setKept({ ...kept, ...change })}
          isNew
          problem={problem}
        >
          <Button loading={busy} disabled={!fields.title.trim()} onClick={() => void save('published')}>
            {t('form.publish')}
          </Button>
          <Button variant="default" disabled={busy || !fields.title.trim()} onClick={() => void save('draft')}>
            {t('form.saveDraft')}
          </Button>
        </AssignmentForm>
      </Card>
    </Page>
  );
}

const NOTHING: Partial<AssignmentFields> = {};
