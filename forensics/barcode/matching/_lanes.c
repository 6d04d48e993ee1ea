/* The least edits of a sequence and several others at once, a lane of a vector each, where no band of a word or two
 * is wide enough (_compare_many.c). The others are the rows, so that a column is one letter for all lanes; a word of
 * rows that no placement of few enough edits can cross is not computed, as in _distance.c.
 */

#include "_kernel.h"

#if defined(__GNUC__)
#define LANES 4 /* a vector of AVX2; with more the processor is no faster */
typedef uint64_t Vector __attribute__((vector_size(8 * LANES)));
#else
#define LANES 1
typedef uint64_t Vector;
#endif

#define LINE 8 /* words of a line of the cache, in which no vector should cross into the next */

/* What is known of a column. Rows go from the least significant bit of a word to the most, words from the top. */
typedef struct {
    Py_ssize_t words, n, first, last; /* words of rows, columns, and the words that are computed */
    Py_ssize_t low, high; /* rows less column that a placement may have: from low to high */
    int within;           /* the others are placed whole in the columns, and end with the last word */
    const uint8_t *number; /* of the letter of each column */
    uint8_t codes[16];     /* by number what the letter stands for */
    int numbers;
    const uint8_t *letters[LANES];
    Py_ssize_t before[LANES]; /* rows before the first one of a lane */
    uint64_t *equal;      /* by number, word and lane */
    uint64_t *up, *down;  /* by word and lane */
    int64_t above[LANES]; /* edits in the row above the first word */
    Py_ssize_t length[LANES], most[LANES], lacking[LANES];
} Table;

/* By how much the last row of a word lies above the row before the word. */
static inline int64_t rise(const Table *table, Py_ssize_t word, int lane)
{
    Py_ssize_t at = word * LANES + lane;
    return count_bits(table->up[at]) - count_bits(table->down[at]);
}

/* Return the least edits of the rows that are computed; of those up to `enough` any, of more than `most` most + 1.
 * Rows after the last one of a lane match nothing, and are no lower than that. */
FOR_EACH_PROCESSOR
static Py_ssize_t lowest(const Table *table, int lane, Py_ssize_t most, Py_ssize_t enough)
{
    Py_ssize_t edits = (Py_ssize_t)table->above[lane], best = most + 1;
    best = edits < best ? edits : best;
    for (Py_ssize_t word = table->first; word <= table->last && best > enough; word++) {
        uint64_t up = table->up[word * LANES + lane], down = table->down[word * LANES + lane];
        Py_ssize_t here = edits;
        edits += (Py_ssize_t)rise(table, word, lane);
        for (int row = 0; here - count_bits(down) < best && row < WORD; row += 8, up >>= 8, down >>= 8) {
            int falls = count_bits(down & 255);
            for (int bit = 0; here - falls < best && bit < 8; bit++) {
                Py_ssize_t there = here + count_bits(up & ((2u << bit) - 1)) - count_bits(down & ((2u << bit) - 1));
                best = there < best ? there : best;
            }
            here += count_bits(up & 255) - falls;
        }
    }
    return best;
}

/* Whether a placement of few enough edits crosses a column, in any lane. Of the words that are lacking, one at most
 * begins at each column until then; an edit further on spoils SEED of the others. */
static int is_alive(const Table *table, Py_ssize_t column)
{
    for (int lane = 0; lane < LANES; lane++) {
        Py_ssize_t further = (table->lacking[lane] - column + SEED - 1) / SEED;
        Py_ssize_t most = table->most[lane] - (further > 0 ? further : 0);
        if (table->length[lane] && most >= 0 && lowest(table, lane, most, most) <= most)
            return 1;
    }
    return 0;
}

/* Step into a column, in which the row above is `higher`; then that is by how much the last row that is computed is,
 * less by how much it is lower. */
static inline void step(const uint64_t *equal, uint64_t *ups, uint64_t *downs, Py_ssize_t words, Vector *higher)
{
    Vector in_right = *higher, in_left = {0}, same, up, down;
    for (; words--; equal += LANES, ups += LANES, downs += LANES) {
        memcpy(&same, equal, sizeof same);
        memcpy(&up, ups, sizeof up);
        memcpy(&down, downs, sizeof down);
        Vector vertical = same | down; /* as step_column */
        same |= in_left;
        Vector diagonal = (((same & up) + up) ^ up) | same;
        Vector right = down | ~(diagonal | up), left = up & diagonal;
        up = right << 1 | in_right;
        down = left << 1 | in_left;
        in_right = right >> (WORD - 1);
        in_left = left >> (WORD - 1);
        down |= ~(vertical | up);
        up &= vertical;
        memcpy(ups, &down, sizeof down);
        memcpy(downs, &up, sizeof up);
    }
    *higher = in_right - in_left;
}

/* A bit of each of eight bytes, gathered in the first byte. */
static inline uint64_t gather(uint64_t bits)
{
    return (bits & OF_EACH(1)) * 0x0102040810204080u >> 56;
}

/* Fill in where each number of the columns matches the rows of a word, in all lanes. */
static void fill_word(Table *table, Py_ssize_t word)
{
    for (int lane = 0; lane < LANES; lane++) {
        Py_ssize_t row = word * WORD - table->before[lane], from = row < 0 ? -row : 0, to = table->length[lane] - row;
        const uint8_t *letters = table->letters[lane];
        uint64_t with[4] = {0}, odd = from || to < WORD, one = 0, two = 0; /* with: rows that can be each base */
        uint64_t any = from < WORD ? ((uint64_t)1 << from) - 1 : ~(uint64_t)0; /* rows before it match all */
        for (int i = 0; i < WORD && !odd; i += 8) {
            uint64_t eight = read_eight(letters + row + i, &odd);
            one |= gather(eight) << i;
            two |= gather(eight >> 1) << i;
        }
        with[0] = ~(one | two);
        with[1] = one & ~two;
        with[2] = one & two;
        with[3] = two & ~one;
        if (odd)
            memset(with, 0, sizeof with);
        for (Py_ssize_t i = from; odd && i < WORD && i < to; i++)
            for (int base = 0; base < 4; base++)
                with[base] |= (uint64_t)(kernel_bases_of[letters[row + i]] >> base & 1) << i;
        for (int number = 0; number < table->numbers; number++) {
            uint64_t equal = any;
            for (int base = 0; base < 4; base++)
                equal |= table->codes[number] >> base & 1 ? with[base] : 0;
            table->equal[(number * table->words + word) * LANES + lane] = equal;
        }
        table->up[word * LANES + lane] = table->within ? ~any : 0;
    }
}

#define CHECKED 32 /* columns after which it is asked again whether anything is left */

/* Compute the columns, and the least edits in each lane. */
FOR_EACH_PROCESSOR
static void fill_table(Table *table, Py_ssize_t *edits)
{
    Vector score = {0}, best = {0}, zero = {0}, one = ~zero >> (WORD - 1), higher;
    uint64_t least[LANES];
    int ended = 0, alive = 1; /* ended: whether the last word is computed, where the others end */
    for (Py_ssize_t column = 1; alive && column <= table->n; column++) {
        Py_ssize_t first = column + table->low > 1 ? (column + table->low - 1) / WORD : 0;
        Py_ssize_t last = (column + table->high - 1) / WORD;
        for (; table->first < first; table->first++)
            for (int lane = 0; lane < LANES; lane++)
                table->above[lane] += rise(table, table->first, lane);
        while (table->last < last && table->last < table->words - 1) {
            table->last++; /* taken as higher than it can be */
            fill_word(table, table->last);
            memset(table->up + table->last * LANES, 0xff, LANES * sizeof *table->up);
            memset(table->down + table->last * LANES, 0, LANES * sizeof *table->down);
        }
        if (table->within && !ended && table->last == table->words - 1) {
            for (int lane = 0; lane < LANES; lane++) {
                least[lane] = (uint64_t)table->above[lane];
                for (Py_ssize_t word = table->first; word <= table->last; word++)
                    least[lane] += (uint64_t)rise(table, word, lane);
            }
            memcpy(&score, least, sizeof score);
            best = score;
            ended = 1;
        }
        int top = !table->within || first;
        Py_ssize_t at = table->first * LANES;
        higher = top ? one : zero;
        step(table->equal + table->number[column - 1] * table->words * LANES + at, table->up + at, table->down + at,
             table->last - table->first + 1, &higher);
        for (int lane = 0; lane < LANES; lane++)
            table->above[lane] += top;
        if (ended) {
            score += higher;
            Vector less = score - best;
            best += less & (zero - (less >> (WORD - 1))); /* where the difference is negative */
        }
        alive = column % CHECKED || is_alive(table, column);
    }
    memcpy(least, &best, sizeof best);
    for (int lane = 0; lane < LANES; lane++) {
        edits[lane] = table->most[lane] + 1;
        if (!table->within && alive)
            edits[lane] = lowest(table, lane, table->most[lane], 0);
        else if (table->within && ended)
            edits[lane] = (Py_ssize_t)least[lane];
    }
}

/* Place some others, at most LANES, that are all at least as long as the columns, or all shorter. */
static int place(Table *table, Placed *others, Py_ssize_t count)
{
    Py_ssize_t shortest = others[0].length, longest = shortest, most = 0, edits[LANES];
    for (Py_ssize_t i = 0; i < count; i++) {
        shortest = others[i].length < shortest ? others[i].length : shortest;
        longest = others[i].length > longest ? others[i].length : longest;
        most = others[i].most > most ? others[i].most : most;
    }
    table->within = longest < table->n;
    table->words = (longest + WORD - 1) / WORD;
    Py_ssize_t rows = table->words * WORD, size = table->words * LANES;
    table->low = table->within ? rows - table->n - most : -most;
    table->high = table->within ? rows - shortest + most : longest - table->n + most;
    uint64_t *room = calloc((size_t)((table->numbers + 2) * size + LINE), sizeof *room);
    if (!room)
        return 0;
    table->equal = room + (LINE - (uintptr_t)room / sizeof *room % LINE) % LINE;
    table->up = table->equal + table->numbers * size;
    table->down = table->up + size;
    table->first = 0;
    table->last = table->high / WORD < table->words ? table->high / WORD : table->words - 1;
    for (int lane = 0; lane < LANES; lane++) {
        table->above[lane] = 0;
        table->length[lane] = lane < count ? others[lane].length : 0;
        table->most[lane] = lane < count ? others[lane].most : 0;
        table->lacking[lane] = lane < count ? others[lane].lacking : 0;
        table->letters[lane] = lane < count ? others[lane].letters : NULL;
        table->before[lane] = table->within ? rows - table->length[lane] : 0;
    }
    for (Py_ssize_t word = 0; word <= table->last; word++)
        fill_word(table, word);
    fill_table(table, edits);
    for (Py_ssize_t i = 0; i < count; i++)
        others[i].edits = edits[i] <= others[i].most ? edits[i] : -1;
    free(room);
    return 1;
}

/* Those of like length beside each other. */
static int by_length(const void *one, const void *other)
{
    const Placed *a = one, *b = other;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

int kernel_place_many(const uint8_t *letters, Py_ssize_t length, Placed *others, Py_ssize_t count)
{
    uint8_t number_of[16];
    Table table = {.n = length};
    uint8_t *number = malloc((size_t)length);
    if (!number)
        return 0;
    memset(number_of, 0xff, sizeof number_of);
    for (Py_ssize_t i = 0; i < length; i++) {
        uint8_t code = kernel_bases_of[letters[i]];
        if (number_of[code] == 0xff) {
            table.codes[table.numbers] = code;
            number_of[code] = (uint8_t)table.numbers++;
        }
        number[i] = number_of[code];
    }
    table.number = number;
    qsort(others, (size_t)count, sizeof *others, by_length);
    int fine = 1;
    for (Py_ssize_t from = 0, end; fine && from < count; from = end) {
        int within = others[from].length < length;
        for (end = from + 1; end < count && end < from + LANES && (others[end].length < length) == within;)
            end++;
        fine = place(&table, others + from, end - from);
    }
    free(number);
    return fine;
}
