import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { refreshQuiz } from '../api';
import { correct } from './api';
import type { Question } from './draft';

interface Props {
  assignmentId: string;
  question: Question;
  onDone: () => Promise<void>;
}

/** A key that was wrong: whose marks would change is told before they do. */
export function Correction({ assignmentId, question, onDone }: Props) {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const [foreseen, setForeseen] = useState<ClassroomSchemas['Corrected'] | null>(null);
  const { run, busy, problem } = useAction({ quiet: true });
  const look = () => run(async () => setForeseen(await correct(assignmentId, question, true)));
  const apply = () =>
    run(async () => {
      await correct(assignmentId, question, false);
      setForeseen(null);
      await onDone();
      dispatch(refreshQuiz());
    }, t('correction.done'));
  return (
    <>
      <Failure problem={problem} />
      <Button w="fit-content" loading={busy} onClick={() => void look()}>
        {t('correction.action')}
      </Button>
      <Modal opened={foreseen !== null} onClose={() => setForeseen(null)} title={t('correction.title')}>
        <Stack>
          <Text>{t('correction.text', { ...foreseen })}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setForeseen(null)}>
              {t('cancel', { ns: 'common' })}
            </Button>
            <Button loading={busy} onClick={() => void apply()}>
              {t('correction.apply')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
