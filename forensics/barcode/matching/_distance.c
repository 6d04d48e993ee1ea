/* The least edits of one sequence in another, with free ends or from its beginning, and where the best
 * placements begin and end.
 */

#include "_kernel.h"

/* -- letters ----------------------------------------------------------------------------- */

uint8_t kernel_bases_of[256];

void kernel_fill_letters(void)
{
    static const char codes[] = "ACGTRYSWKMBDHVN";
    static const uint8_t bases[] = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};
    for (size_t i = 0; i < sizeof bases; i++)
        kernel_bases_of[(unsigned char)codes[i]] = bases[i];
}

Py_ssize_t kernel_number_letters(const uint8_t *inner, Py_ssize_t m, int exact, uint8_t number[256])
{
    Py_ssize_t width = 1;
    if (!exact) {
        memcpy(number, kernel_bases_of, sizeof kernel_bases_of);
        return 16;
    }
    memset(number, 0, 256);
    for (Py_ssize_t i = 0; i < m; i++) /* fewer than 128 letters: read_pair takes ASCII alone */
        if (!number[inner[i]])
            number[inner[i]] = (uint8_t)width++;
    return width;
}

void kernel_fill_equal(const uint8_t *inner, Py_ssize_t m, int exact, const uint8_t number[256],
                       uint64_t *equal, Py_ssize_t width)
{
    Py_ssize_t words = (m + WORD - 1) / WORD;
    memset(equal, 0, (size_t)(words * width) * sizeof *equal);
    for (Py_ssize_t i = 0; i < m; i++)
        equal[i / WORD * width + number[inner[i]]] |= (uint64_t)1 << i % WORD;
    for (Py_ssize_t w = 0; w < words; w++, equal += width) {
        uint64_t own[16];
        equal[0] = 0; /* of letters that match nothing */
        if (exact)
            continue;
        memcpy(own, equal, sizeof own);
        for (int code = 1; code < 16; code++)
            for (int other = 1; other < 16; other++)
                equal[code] |= code & other ? own[other] : 0;
    }
}

static inline int letters_match(uint8_t one, uint8_t other, int exact)
{
    return exact ? one == other : kernel_bases_of[one] & kernel_bases_of[other];
}

/* -- the table of edits, a word of rows after the other ---------------------------------- */

/* Of a column of a row that no placement of few enough edits can cross. */
#define BEYOND INT32_MAX

/* Return the first column from `column` on where such a placement may enter from a row; else `end`. */
static inline Py_ssize_t entry(const int32_t *row, Py_ssize_t column, Py_ssize_t end,
                               Py_ssize_t most)
{
    while (column < end && row[column] > most)
        column++;
    return column;
}

/* Write the edits in the last row of the first word of rows, where all above is free; return whether
 * there is a column with at most `max_edits`. */
static int pass_first(const uint64_t *equal, Py_ssize_t rows, const uint8_t *codes, Py_ssize_t end,
                      int32_t most, int32_t *row)
{
    const int last = (int)rows - 1;
    Rows at = {~(uint64_t)0, 0};
    int32_t score = (int32_t)rows, least = score;
    for (Py_ssize_t column = 0; column < end; column++) {
        score += step_column(&at, equal[codes[column]], 0, 0, last, NULL);
        row[column] = score;
        least = score < least ? score : least;
    }
    return least <= most;
}

/* The same of a further word, by the edits in the row above, which are read from `row`, too; in the
 * columns from `first` to `end`.
 *
 * What no placement of at most `max_edits` edits can cross is not computed, and taken as higher. A row is
 * lower than the next one by one at most, where `up` says so: all rows are above `max_edits` where the last
 * one is so by more than there are such rows. Where the row above was left and entered again, more
 * than WORD + most columns lie between: nothing that came before it crosses these rows by then. */
static int pass(const uint64_t *equal, Py_ssize_t number, Py_ssize_t rows, const uint8_t *codes,
                Py_ssize_t first, Py_ssize_t end, Py_ssize_t most, int32_t *row)
{
    const int last = (int)rows - 1;
    int within = 0;
    for (Py_ssize_t column = first, next; column < end;) {
        int from_start = !column && number * WORD <= most; /* before the first column */
        next = from_start ? 0 : entry(row, column, end, most);
        for (; column < next; column++)
            row[column] = BEYOND;
        if (column == end)
            break;
        /* In the column before, of which only that before the first one is known. */
        int32_t above = column ? row[column] + 1 : (int32_t)(number * WORD);
        int32_t score = above + (int32_t)rows;
        Rows at = {~(uint64_t)0, 0};
        while (column < end) {
            int32_t higher = row[column] - above;
            if (higher > 1 || higher < -1) {
                if (row[column] != BEYOND)
                    break;
                higher = 1;
            }
            above += higher;
            score += step_column(&at, equal[codes[column]], higher > 0, higher < 0, last, NULL);
            row[column++] = score;
            if (score <= most)
                within = 1;
            else if (above > most && score - count_bits(at.up) > most) {
                if (next < column)
                    next = entry(row, column, end, most);
                if (next == end || next > column + WORD + most)
                    break;
            }
        }
    }
    return within;
}

/* Return the edits of a placement without insertions and deletions, or a number above `max_edits`. */
static Py_ssize_t substitutions(const Pair *pair, const uint8_t *outer, Py_ssize_t max_edits)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < pair->m && count <= max_edits; i++)
        count += !letters_match(pair->inner[i], outer[i], pair->exact);
    return count;
}

/* A word of rows after the other (Myers 1999, with the rows in words), and of each only the columns that
 * a placement of at most max_edits can cross: those of the diagonals from -max_edits to
 * n - m + max_edits, or, where it is anchored, to max_edits. */
Py_ssize_t kernel_least_edits(const Pair *pair, int anchored, Ends *ends)
{
    Py_ssize_t m = pair->m, n = pair->n, most = pair->max_edits;
    if (m - n > most) /* so many bases are inserted at least */
        return -1;
    /* Mostly both begin or end at one base; then no more edits need be looked for than that takes. */
    for (int at_end = 0; n >= m && at_end < (anchored ? 1 : 2); at_end++) {
        Py_ssize_t edits = substitutions(pair, pair->outer + (at_end ? n - m : 0), most);
        most = edits < most ? edits : most;
    }
    if (anchored && n > m + most) /* no placement ends further on */
        n = m + most;
    uint8_t number[256];
    Py_ssize_t words = (m + WORD - 1) / WORD, best = most + 1, shift = anchored ? 0 : n - m;
    Py_ssize_t width = kernel_number_letters(pair->inner, m, pair->exact, number);
    uint64_t here[2048], *equal = here; /* enough for most: no allocation, which takes longer */
    size_t needed = (size_t)(words * width) + ((size_t)n * (sizeof(int32_t) + 1) + 7) / 8;
    if (needed > sizeof here / sizeof *here && !(equal = malloc(needed * sizeof *equal)))
        return -3;
    kernel_fill_equal(pair->inner, m, pair->exact, number, equal, width);
    int32_t *row = (int32_t *)(equal + words * width);
    uint8_t *codes = (uint8_t *)(row + n);
    for (Py_ssize_t i = 0; i < n; i++)
        codes[i] = number[pair->outer[i]];
    for (Py_ssize_t i = 0; anchored && i < n; i++)
        row[i] = (int32_t)i + 1;
    Py_ssize_t first = 0, end = n;
    int within = 1;
    for (Py_ssize_t w = 0; w < words && within; w++) {
        Py_ssize_t rows = w == words - 1 ? m - w * WORD : WORD, before = end;
        first = w * WORD - most > 1 ? w * WORD - most - 1 : 0;
        end = w * WORD + rows + shift + most < n ? w * WORD + rows + shift + most : n;
        for (Py_ssize_t i = before; w && i < end; i++)
            row[i] = BEYOND;
        within = w || anchored
                     ? pass(equal + w * width, w, rows, codes, first, end, most, row)
                     : pass_first(equal, rows, codes, end, (int32_t)most, row);
    }
    for (Py_ssize_t i = first; within && i < end; i++) {
        if (row[i] < best) {
            best = row[i];
            if (ends)
                ends->count = 0;
        }
        if (ends && row[i] == best)
            ends->column[ends->count++] = i;
    }
    if (equal != here)
        free(equal);
    return best > most ? -1 : best;
}

FOR_EACH_PROCESSOR
void kernel_reverse(uint8_t *restrict to, const uint8_t *restrict from, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++)
        to[i] = from[length - 1 - i];
}

/* What is needed to look for starts: both sequences backwards, and where placements end on them. */
typedef struct {
    uint8_t *inner, *outer;
    Ends ends;
} Backwards;

static int reverse_pair(const Pair *pair, Backwards *back)
{
    back->inner = malloc((size_t)(pair->m + pair->n));
    back->ends.column = malloc((size_t)pair->n * sizeof *back->ends.column);
    if (!back->inner || !back->ends.column)
        return 0;
    back->outer = back->inner + pair->m;
    kernel_reverse(back->inner, pair->inner, pair->m);
    kernel_reverse(back->outer, pair->outer, pair->n);
    return 1;
}

static void free_backwards(Backwards *back)
{
    free(back->inner);
    free(back->ends.column);
}

/* Return where the longest placement of so many edits begins that ends before `end`; -3 without memory. */
static Py_ssize_t find_start(const Pair *pair, Backwards *back, Py_ssize_t end, Py_ssize_t edits)
{
    Py_ssize_t m = pair->m;
    if (!edits || (end == m && substitutions(pair, pair->outer, edits) == edits))
        return end - m; /* of the second nothing can begin earlier */
    Pair turned = {back->inner, back->outer + pair->n - end, m, end, edits, pair->exact};
    back->ends.count = 0;
    if (kernel_least_edits(&turned, 1, &back->ends) != edits)
        return -3; /* it can be nothing else */
    return end - 1 - back->ends.column[back->ends.count - 1];
}

Py_ssize_t kernel_first_placement(const Pair *pair, int anchored, Py_ssize_t *start, Py_ssize_t *end)
{
    Backwards back = {0};
    Ends ends = {malloc((size_t)pair->n * sizeof *ends.column), 0};
    Py_ssize_t edits = -3;
    if (ends.column)
        edits = kernel_least_edits(pair, anchored, &ends);
    if (edits >= 0) {
        *end = ends.column[0] + 1;
        *start = 0;
        if (!anchored)
            *start = reverse_pair(pair, &back) ? find_start(pair, &back, *end, edits) : -3;
        if (*start < 0)
            edits = -3;
    }
    free(ends.column);
    free_backwards(&back);
    return edits;
}

/* -- many short sequences at once --------------------------------------------------------- */

/* A word has lanes with a sequence each; the last bit of a lane keeps sums from the next one. */
#define LANE 16
#define EACH_LANE 0x0001000100010001u
#define LONGEST (LANE - 1)

/* Of `count` words of lanes: `rows` are the bits in use, up to the last but one of a lane, `within` the
 * last bits of those lanes whose sequence matches; `equal` by code, then by word. */
typedef struct {
    Py_ssize_t count;
    uint64_t *equal, *rows, *up, *down, *score, *within;
} Lanes;

/* Put a sequence into its lane. */
static void fill_lane(const Lanes *lanes, Py_ssize_t number, const uint8_t *inner, Py_ssize_t m)
{
    Py_ssize_t word = number / (WORD / LANE);
    int lane = (int)(number % (WORD / LANE)) * LANE;
    for (Py_ssize_t i = 0; i < m; i++) {
        uint64_t row = (uint64_t)1 << (lane + LONGEST - m + i);
        unsigned bases = kernel_bases_of[inner[i]];
        for (unsigned rest = bases; rest; rest &= rest - 1) /* a bit a base; mostly one */
            lanes->equal[(rest & -rest) * lanes->count + word] |= row;
        lanes->rows[word] |= row;
    }
    lanes->score[word] |= (uint64_t)m << lane;
}

/* As `step_column`, in all lanes; nothing steps in from above. */
static inline void step_lanes(Py_ssize_t count, uint64_t over, const uint64_t *__restrict equal,
                              const uint64_t *__restrict rows, uint64_t *__restrict up,
                              uint64_t *__restrict down, uint64_t *__restrict score,
                              uint64_t *__restrict within)
{
    for (Py_ssize_t w = 0; w < count; w++) {
        uint64_t vertical = equal[w] | down[w];
        uint64_t diagonal = (((equal[w] & up[w]) + up[w]) ^ up[w]) | equal[w];
        uint64_t right = (down[w] | ~(diagonal | up[w])) & rows[w], left = up[w] & diagonal;
        uint64_t higher = score[w] + (right >> (LONGEST - 1) & EACH_LANE);
        score[w] = higher - (left >> (LONGEST - 1) & EACH_LANE);
        within[w] |= ~(score[w] + over);
        right = right << 1 & rows[w];
        up[w] = (left << 1 | ~(vertical | right)) & rows[w];
        down[w] = right & vertical;
    }
}

FOR_EACH_PROCESSOR
static void match_lanes(const Lanes *lanes, const uint8_t *outer, Py_ssize_t n, Py_ssize_t most)
{
    const Py_ssize_t count = lanes->count;
    /* Sets the last bit of a lane whose score is above most. */
    const uint64_t over = (((uint64_t)1 << LONGEST) - 1 - (uint64_t)most) * EACH_LANE;
    for (Py_ssize_t code = 1; code < 16; code++)
        for (Py_ssize_t base = 1; base < 16; base <<= 1)
            for (Py_ssize_t w = 0; code != base && code & base && w < count; w++)
                lanes->equal[code * count + w] |= lanes->equal[base * count + w];
    for (Py_ssize_t column = 0; column < n; column++)
        step_lanes(count, over, lanes->equal + kernel_bases_of[outer[column]] * count, lanes->rows,
                   lanes->up, lanes->down, lanes->score, lanes->within);
}

/* -- from and to Python ------------------------------------------------------------------ */

/* Text or bytes; letters beyond ASCII are refused, as a place in the text would be none in the bytes. */
static int read_letters(PyObject *object, const uint8_t **letters, Py_ssize_t *length)
{
    char *bytes;
    if (PyUnicode_Check(object)) {
        *letters = (const uint8_t *)PyUnicode_AsUTF8AndSize(object, length);
        if (!*letters)
            return 0;
    } else {
        if (PyBytes_AsStringAndSize(object, &bytes, length))
            return 0;
        *letters = (const uint8_t *)bytes;
    }
    uint8_t every = 0;
    for (Py_ssize_t i = 0; i < *length; i++)
        every |= (*letters)[i];
    if (*length < 1 || *length > INT32_MAX / 64 || every > 127) {
        PyErr_SetString(PyExc_ValueError, "a sequence is empty, too long, or not in ASCII letters");
        return 0;
    }
    return 1;
}

int kernel_read_pair(PyObject *args, Pair *pair)
{
    PyObject *inner, *outer;
    if (!PyArg_ParseTuple(args, "OOnp", &inner, &outer, &pair->max_edits, &pair->exact) ||
        !read_letters(inner, &pair->inner, &pair->m) || !read_letters(outer, &pair->outer, &pair->n))
        return 0;
    if (pair->max_edits < 0) {
        PyErr_SetString(PyExc_ValueError, "max_edits is negative");
        return 0;
    }
    if (pair->max_edits > pair->m) /* no placement costs more */
        pair->max_edits = pair->m;
    return 1;
}

PyObject *kernel_semiglobal_distance(PyObject *self, PyObject *args)
{
    Pair pair;
    (void)self;
    if (!kernel_read_pair(args, &pair))
        return NULL;
    Py_ssize_t edits = kernel_least_edits(&pair, 0, NULL);
    if (edits == -3)
        return PyErr_NoMemory();
    if (edits < 0)
        Py_RETURN_NONE;
    return PyLong_FromSsize_t(edits);
}

/* Return the edits, or None, and a list. Takes the list over. */
static PyObject *edits_with(Py_ssize_t edits, PyObject *list)
{
    if (!list || edits == -3) {
        Py_XDECREF(list);
        return list ? PyErr_NoMemory() : NULL;
    }
    return edits < 0 ? Py_BuildValue("(ON)", Py_None, list) : Py_BuildValue("(nN)", edits, list);
}

PyObject *kernel_semiglobal_placements(PyObject *self, PyObject *args)
{
    Pair pair;
    Backwards back = {0};
    PyObject *list = NULL;
    (void)self;
    if (!kernel_read_pair(args, &pair))
        return NULL;
    Ends ends = {malloc((size_t)pair.n * sizeof *ends.column), 0};
    Py_ssize_t edits = ends.column ? kernel_least_edits(&pair, 0, &ends) : -3;
    if (edits >= 0 && !reverse_pair(&pair, &back))
        edits = -3;
    list = PyList_New(0);
    for (Py_ssize_t i = 0; list && edits >= 0 && i < ends.count; i++) {
        Py_ssize_t end = ends.column[i] + 1, start = find_start(&pair, &back, end, edits);
        PyObject *place = start < 0 ? NULL : Py_BuildValue("(nn)", start, end);
        if (start < 0)
            edits = -3;
        else if (!place || PyList_Append(list, place)) {
            Py_DECREF(list);
            list = NULL;
        }
        Py_XDECREF(place);
    }
    free(ends.column);
    free_backwards(&back);
    return edits_with(edits, list);
}

PyObject *kernel_prefix_ends(PyObject *self, PyObject *args)
{
    Pair pair;
    (void)self;
    if (!kernel_read_pair(args, &pair))
        return NULL;
    Ends ends = {malloc((size_t)pair.n * sizeof *ends.column), 0};
    Py_ssize_t edits = ends.column ? kernel_least_edits(&pair, 1, &ends) : -3;
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && edits >= 0 && i < ends.count; i++)
        if (kernel_append(list, ends.column[i] + 1)) {
            Py_DECREF(list);
            list = NULL;
        }
    free(ends.column);
    return edits_with(edits, list);
}

PyObject *kernel_match_any(PyObject *self, PyObject *args)
{
    PyObject *inners, *outer_object, *result;
    Pair pair = {0};
    Py_ssize_t longest = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!On", &PyTuple_Type, &inners, &outer_object, &pair.max_edits) ||
        !read_letters(outer_object, &pair.outer, &pair.n))
        return NULL;
    if (pair.max_edits < 0) {
        PyErr_SetString(PyExc_ValueError, "max_edits is negative");
        return NULL;
    }
    Py_ssize_t count = PyTuple_Size(inners), max_edits = pair.max_edits;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_letters(PyTuple_GetItem(inners, i), &pair.inner, &pair.m))
            return NULL;
        longest = pair.m > longest ? pair.m : longest;
    }
    Lanes lanes = {.count = (count * LANE + WORD - 1) / WORD};
    uint64_t *room = NULL;
    if (longest <= LONGEST && max_edits <= LONGEST) {
        room = calloc((size_t)lanes.count * (16 + 5) + 1, sizeof *room);
        if (!room)
            return PyErr_NoMemory();
        lanes.equal = room;
        lanes.rows = room + 16 * lanes.count;
        lanes.up = lanes.rows + lanes.count;
        lanes.down = lanes.up + lanes.count;
        lanes.score = lanes.down + lanes.count;
        lanes.within = lanes.score + lanes.count;
        for (Py_ssize_t i = 0; i < count; i++) {
            read_letters(PyTuple_GetItem(inners, i), &pair.inner, &pair.m);
            fill_lane(&lanes, i, pair.inner, pair.m);
        }
        memcpy(lanes.up, lanes.rows, (size_t)lanes.count * sizeof *room);
        match_lanes(&lanes, pair.outer, pair.n, max_edits);
    }
    result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < count; i++) {
        Py_ssize_t edits = -1;
        if (room)
            edits = lanes.within[i / (WORD / LANE)] >> (i % (WORD / LANE) * LANE + LONGEST) & 1 ? 0 : -1;
        else {
            read_letters(PyTuple_GetItem(inners, i), &pair.inner, &pair.m);
            pair.max_edits = max_edits < pair.m ? max_edits : pair.m;
            edits = kernel_least_edits(&pair, 0, NULL);
        }
        if (edits == -3)
            PyErr_NoMemory();
        if (edits == -3 || (edits >= 0 && kernel_append(result, i))) {
            Py_DECREF(result);
            result = NULL;
        }
    }
    free(room);
    return result;
}
