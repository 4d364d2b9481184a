import { Alert, Badge, Card, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { Resource } from '@/shared/components/Resource';
import { decimal, percent } from '@/shared/format';
import { Prose } from '@/shared/components/Prose';
import stacked from '@/shared/components/Stacked.module.css';
import { TeacherPage } from '../components/TeacherPage';
import { useQuestionsQuery } from '../editor/api';
import type { Question } from '../editor/draft';
import type { Analysis, Item } from './analysis';
import { useQuizAnalysisQuery } from './api';

/** How each question did: how many got it right, and whether those did who did well in the rest. */
export function Statistics() {
  return <TeacherPage>{(assignmentId) => <Loaded assignmentId={assignmentId} />}</TeacherPage>;
}

function Loaded({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('quiz');
  const query = useQuizAnalysisQuery(assignmentId, { refetchOnMountOrArgChange: 30 });
  const { data: questions } = useQuestionsQuery(assignmentId);
  const texts = choiceTexts(
    questions ? [...questions.questions, ...questions.draws.flatMap((one) => one.questions)] : [],
  );
  return (
    <Resource query={query}>
      {(analysis) =>
        analysis.n === 0 ? (
          <Empty title={t('stats.none')}>{t('stats.noneText')}</Empty>
        ) : (
          <Stack>
            {!analysis.released && <Alert color="navy">{t('stats.unreleased')}</Alert>}
            <Whole analysis={analysis} />
            <Card p={0}>
              <Items items={analysis.items} texts={texts} />
            </Card>
          </Stack>
        )
      }
    </Resource>
  );
}

type Texts = Map<string, { text: string; correct: boolean }>;

function choiceTexts(questions: Question[]): Texts {
  const choices = questions.flatMap((one) => ('choices' in one ? one.choices : []));
  return new Map(choices.map((one) => [one.id!, { text: one.text, correct: one.correct ?? false }]));
}

function Whole({ analysis }: { analysis: Analysis }) {
  const { t } = useTranslation('quiz');
  const figures = [
    [t('stats.attempts'), analysis.n],
    [t('stats.mean'), decimal(analysis.mean)],
    [t('stats.median'), decimal(analysis.median)],
    [t('stats.sd'), decimal(analysis.deviation)],
    [t('stats.consistency'), percent(analysis.consistency)],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 2, sm: 5 }}>
      {figures.map(([name, value]) => (
        <Card key={name} p="sm">
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Text fz="xl" fw={700}>
            {value}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

const COLUMNS = ['question', 'n', 'facility', 'discrimination', 'efficiency', 'choices'] as const;

function Items({ items, texts }: { items: Item[]; texts: Texts }) {
  const { t } = useTranslation('quiz');
  return (
    <Table verticalSpacing="sm" className={stacked.table}>
      <Table.Caption>{t('stats.caption')}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          {COLUMNS.map((column) => (
            <Table.Th key={column}>{t(`stats.${column}`)}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((one, index) => (
          <Table.Tr key={one.id}>
            <Table.Td>
              <Text fw={600}>
                {index + 1}. {one.title}
              </Text>
              <Group gap={4}>
                {one.findings.map((finding) => (
                  <Badge key={finding} color="yellow" variant="light">
                    {t(`stats.findings.${finding}`)}
                  </Badge>
                ))}
              </Group>
            </Table.Td>
            <Table.Td data-label={t('stats.n')}>{one.n}</Table.Td>
            <Table.Td data-label={t('stats.facility')}>{percent(one.facility)}</Table.Td>
            <Table.Td data-label={t('stats.discrimination')}>{percent(one.discrimination)}</Table.Td>
            <Table.Td data-label={t('stats.efficiency')}>{percent(one.efficiency)}</Table.Td>
            <Table.Td data-label={t('stats.choices')} data-wide>
              <Choices item={one} texts={texts} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Choices({ item, texts }: { item: Item; texts: Texts }) {
  const { t } = useTranslation('quiz');
  return item.choices.map((one) => {
    const known = texts.get(one.id);
    const correct = one.correct ?? known?.correct ?? false;
    return (
      <Group key={one.id} gap={6} wrap="nowrap" align="flex-start">
        <Text size="sm" fw={600} miw={28} ta="right">
          {one.n}
        </Text>
        <Text component="div" size="sm">
          <Prose text={one.text ?? known?.text ?? '–'} />
        </Text>
        {correct && (
          <Badge color="leaf" variant="light" style={{ flexShrink: 0 }}>
            {t('stats.correct')}
          </Badge>
        )}
      </Group>
    );
  });
}
