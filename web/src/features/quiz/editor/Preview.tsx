import { Card, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { decimal } from '@/shared/format';
import { AnswerInput } from '../components/AnswerField';
import { Asked } from '../components/Asked';
import { shown, type Entry } from './draft';

/** The questions as a student is asked them; what is answered here is nowhere kept. */
export function Preview({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation('quiz');
  if (entries.length === 0) return <Empty title={t('editor.empty')} />;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('editor.previewText')}
      </Text>
      {entries.map((one, index) => (
        <Question key={one.key} entry={one} place={t('place', { number: index + 1, count: entries.length })} />
      ))}
    </Stack>
  );
}

function Question({ entry, place }: { entry: Entry; place: string }) {
  const { t } = useTranslation('quiz');
  const [value, setValue] = useState<unknown>(null);
  const question = shown(entry.question, entry.key);
  return (
    <Card component="section">
      <Stack>
        <div>
          <Text size="sm" c="dimmed">
            {place} · {t('points', { count: Number(question.points), points: decimal(question.points) })}
          </Text>
          <Title order={2}>{question.title || t('editor.untitled')}</Title>
        </div>
        <Asked question={question} />
        <AnswerInput question={question} isOpen value={value} onChange={setValue} />
      </Stack>
    </Card>
  );
}
