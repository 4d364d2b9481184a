import { ActionIcon, Button, Card, Group, NumberInput, Stack, TagsInput, Text, Title } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useBankTagsQuery } from './api';
import { within, type Draw, type Errors } from './draft';

interface Props {
  draws: Draw[];
  onChange: (draws: Draw[]) => void;
  errors: Errors;
  started: boolean;
}

/** So many questions by chance for each student, out of those in the bank that have all the tags. */
export function Draws({ draws, onChange, errors, started }: Props) {
  const { t } = useTranslation('quiz');
  const { data: tags } = useBankTagsQuery();
  const known = tags?.map((one) => one.tag) ?? [];
  const set = (index: number, change: Partial<Draw>) =>
    onChange(draws.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <Card component="section">
      <Stack>
        <div>
          <Title order={2} fz="lg">
            {t('draws.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('draws.text')}
          </Text>
        </div>
        {draws.map((draw, index) => {
          const wrong = within(errors, `draws.${index}`);
          return (
            <Group key={index} align="flex-start" wrap="nowrap">
              <NumberInput
                w={100}
                min={1}
                max={500}
                allowDecimal={false}
                disabled={started}
                label={t('draws.count')}
                value={draw.count}
                onChange={(count) => set(index, { count: Number(count) || 1 })}
                error={wrong['count'] ?? wrong['']}
              />
              <NumberInput
                w={100}
                min={0}
                decimalScale={2}
                disabled={started}
                label={t('draws.points')}
                value={draw.points ?? '1'}
                onChange={(points) => set(index, { points: String(points) })}
                error={wrong['points']}
              />
              {draw.questions?.length ? (
                <Text pt={28}>{t('draws.pool', { count: draw.questions.length })}</Text>
              ) : (
                <TagsInput
                  flex={1}
                  data={known}
                  maxTags={10}
                  disabled={started}
                  label={t('draws.tags')}
                  value={draw.tags ?? []}
                  onChange={(chosen) => set(index, { tags: chosen })}
                  error={wrong['tags']}
                />
              )}
              <ActionIcon
                mt={26}
                size={36}
                variant="subtle"
                color="red"
                disabled={started}
                aria-label={t('draws.remove', { number: index + 1 })}
                onClick={() => onChange(draws.filter((_, at) => at !== index))}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          );
        })}
        <Button
          w="fit-content"
          variant="default"
          disabled={started || draws.length >= 100}
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onChange([...draws, { count: 1, points: '1', tags: [] }])}
        >
          {t('draws.add')}
        </Button>
      </Stack>
    </Card>
  );
}
