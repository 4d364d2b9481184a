import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { AboutAssignment } from '@/features/assignments/components/AboutAssignment';
import { selectAssignment } from '@/features/assignments/store';
import { selectClassroom } from '@/features/classrooms/store';
import { selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';
import { QuizTabs } from './QuizTabs';

/** A page of a quiz that its teachers alone see. */
export function TeacherPage({ children }: { children: (assignmentId: string, classroomId: string) => ReactNode }) {
  const { assignmentId = '' } = useParams();
  const { t } = useTranslation('quiz');
  const assignment = useAppSelector(selectAssignment(assignmentId));
  const classroom = useAppSelector(selectClassroom(assignment?.classroom_id ?? ''));
  const role = useAppSelector(selectRole);
  if (!assignment || role === 'student') return <Empty title={t('unknown')} />;
  return (
    <Page
      title={assignment.title}
      trail={[[classroom?.title ?? '…', `/classrooms/${assignment.classroom_id}`]]}
      actions={<AboutAssignment assignmentId={assignmentId} />}
    >
      <QuizTabs assignmentId={assignmentId} />
      {children(assignmentId, assignment.classroom_id)}
    </Page>
  );
}
