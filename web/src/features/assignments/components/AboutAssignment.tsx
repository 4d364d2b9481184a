import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** From the room of a lecture or a quiz back to what it is about: description, files, comments, and its settings. */
export function AboutAssignment({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('assignments');
  return (
    <Button component={Link} to={`/assignments/${assignmentId}`} variant="default">
      {t('about')}
    </Button>
  );
}
