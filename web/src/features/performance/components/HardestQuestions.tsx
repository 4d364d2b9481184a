import { Anchor, Card, Table, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { GradingSchemas } from '@/shared/api/schemas';
import { percent } from '@/shared/format';

/** The questions of a classroom that the fewest got right, with the way to their quiz's analysis. */
export function HardestQuestions({ questions }: { questions: GradingSchemas['HardQuestion'][] }) {
  const { t } = useTranslation('performance');
  if (questions.length === 0) return null;
  return (
    <Card p={0}>
      <Title order={2} p="md" pb="xs">
        {t('hardest')}
      </Title>
      <Table.ScrollContainer minWidth={280}>
        <Table verticalSpacing="xs" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('question')}</Table.Th>
              <Table.Th>{t('quiz')}</Table.Th>
              <Table.Th ta="right">{t('attempts')}</Table.Th>
              <Table.Th ta="right">{t('facility')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {questions.map((question) => (
              <Table.Tr key={question.question_id}>
                <Table.Td fw={550}>{question.title}</Table.Td>
                <Table.Td>
                  <Anchor component={Link} to={`/quizzes/${question.assignment_id}/statistics`}>
                    {question.quiz_title}
                  </Anchor>
                </Table.Td>
                <Table.Td ta="right">{question.attempts}</Table.Td>
                <Table.Td ta="right">{percent(100 * Number(question.facility))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}
