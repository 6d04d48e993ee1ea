/* The edits of one sequence placed whole, with free ends, in another: forensics.barcode.matching.placing
 * in C. Optional; without it edlib gives the same numbers.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* one build for Python 3.11 and later */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Raised with each change of what Python calls or gets; aligner.py has the same number. */
#define INTERFACE 2

#define WORD 64

/* What each letter can stand for, a bit a base; 0 for what is no IUPAC code. */
static const char CODES[] = "ACGTRYSWKMBDHVN";
static const uint8_t STANDS_FOR[] = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};

/* Beside what it stands for: of a letter for several bases, and of no IUPAC code. */
#define SEVERAL 16
#define STRANGE 32

static uint8_t told[256]; /* of each letter; filled when the module is made, and only read afterwards */

static void fill_letters(void)
{
    memset(told, STRANGE, sizeof told);
    for (size_t i = 0; i < sizeof STANDS_FOR; i++) {
        unsigned code = STANDS_FOR[i];
        told[(unsigned char)CODES[i]] = (uint8_t)(code | (code & (code - 1) ? SEVERAL : 0));
    }
}

/* The columns where placements with the fewest edits end, ascending; room for all of them. */
typedef struct {
    Py_ssize_t *column, count;
} Ends;

/* Return how many bits are set. */
static inline Py_ssize_t bits(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (Py_ssize_t)(word * 0x0101010101010101u >> 56);
}

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

/* Rows of a column that lie one above, one below the row before them. */
typedef struct {
    uint64_t up, down;
} Rows;

/* Step into the next column, in which the row above is higher (`in_right`) or lower (`in_left`) by one;
 * `same` are the rows whose letter fits. Return by how much the row at `last` is higher. */
static inline int32_t step(Rows *at, uint64_t same, uint64_t in_right, uint64_t in_left, int last)
{
    uint64_t up = at->up, down = at->down, vertical = same | down;
    same |= in_left;
    uint64_t diagonal = (((same & up) + up) ^ up) | same;
    uint64_t right = down | ~(diagonal | up), left = up & diagonal;
    int32_t higher = (int32_t)(right >> last & 1) - (int32_t)(left >> last & 1);
    right = right << 1 | in_right;
    at->up = left << 1 | in_left | ~(vertical | right);
    at->down = right & vertical;
    return higher;
}

/* Write the edits in the last row of the first word of rows, where all above is free; return whether
 * there is a column with at most `most`. */
static int pass_first(const uint64_t *equal, Py_ssize_t rows, const uint8_t *codes, Py_ssize_t end,
                      int32_t most, int32_t *row)
{
    const int last = (int)rows - 1;
    Rows at = {~(uint64_t)0, 0};
    int32_t score = (int32_t)rows, least = score;
    for (Py_ssize_t column = 0; column < end; column++) {
        score += step(&at, equal[codes[column]], 0, 0, last);
        row[column] = score;
        least = score < least ? score : least;
    }
    return least <= most;
}

/* The same of a further word, by the edits in the row above, which are read from `row`, too; in the
 * columns from `first` to `end`.
 *
 * What no placement of at most `most` edits can cross is not computed, and taken as higher. A row is
 * lower than the next one by one at most, where `up` says so: all rows are above `most` where the last
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
            score += step(&at, equal[codes[column]], higher > 0, higher < 0, last);
            row[column++] = score;
            if (score <= most)
                within = 1;
            else if (above > most && score - bits(at.up) > most) {
                if (next < column)
                    next = entry(row, column, end, most);
                if (next == end || next > column + WORD + most)
                    break;
            }
        }
    }
    return within;
}

/* Note the letters of `inner` by what they stand for, a word of rows after the other, and those of
 * `outer` in `codes`. Return 0 where both have letters that are no IUPAC codes. */
static int read_letters(const uint8_t *inner, Py_ssize_t m, const uint8_t *outer, Py_ssize_t n,
                        uint64_t *equal, uint8_t *codes)
{
    unsigned of_inner = 0, of_outer = 0;
    for (Py_ssize_t i = 0; i < m; i++) {
        unsigned code = told[inner[i]];
        equal[i / WORD * 16 + (code & 15)] |= (uint64_t)1 << i % WORD;
        of_inner |= code;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned code = told[outer[i]];
        codes[i] = code & 15;
        of_outer |= code;
    }
    for (Py_ssize_t w = 0; (of_inner | of_outer) > 15 && w < (m + WORD - 1) / WORD; w++) {
        uint64_t own[16];
        memcpy(own, equal + w * 16, sizeof own);
        for (int code = 0; code < 16; code++) {
            equal[w * 16 + code] = 0;
            for (int other = 1; other < 16; other++)
                equal[w * 16 + code] |= code & other ? own[other] : 0;
        }
    }
    return !(of_inner & of_outer & STRANGE);
}

/* Return the edits of a placement without insertions and deletions, or some number above `most`. */
static Py_ssize_t unlike(const uint8_t *inner, const uint8_t *outer, Py_ssize_t m, Py_ssize_t most)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < m && count <= most; i++)
        count += !(told[inner[i]] & told[outer[i]] & 15);
    return count;
}

/* Return the least edits of `inner` placed whole in `outer`, with free ends, or `anchored` at its
 * beginning; -1 above `most`, -2 where both have letters that are no IUPAC codes, -3 without
 * memory. Such a letter in one of them alone fits nothing. Only what is anchored may be the longer.
 *
 * Myers 1999, doi:10.1145/316542.316550, with the rows in words (Hyyroe 2003); but a word of rows after
 * the other, and of each only the columns that a placement of at most `most` edits can cross, those
 * of the diagonals from -most to outer - inner + most, or to most. */
static Py_ssize_t placed(const uint8_t *inner, Py_ssize_t m, const uint8_t *outer, Py_ssize_t n,
                         Py_ssize_t most, int anchored, Ends *ends)
{
    /* Mostly both begin or end at one base; then no more edits need be looked for than that takes. */
    for (int at_end = 0; n >= m && at_end < (anchored ? 1 : 2); at_end++) {
        Py_ssize_t edits = unlike(inner, at_end ? outer + n - m : outer, m, most);
        most = edits < most ? edits : most;
    }
    if (anchored && n > m + most) /* no placement ends further on */
        n = m + most;
    Py_ssize_t words = (m + WORD - 1) / WORD, best = most + 1, shift = anchored ? 0 : n - m;
    uint64_t here[2048], *equal = here; /* enough for most: no allocation, which takes longer */
    size_t needed = (size_t)words * 16 + ((size_t)n * (sizeof(int32_t) + 1) + 7) / 8;
    if (needed > sizeof here / sizeof *here && !(equal = malloc(needed * sizeof *equal)))
        return -3;
    memset(equal, 0, (size_t)words * 16 * sizeof *equal);
    int32_t *row = (int32_t *)(equal + words * 16);
    uint8_t *codes = (uint8_t *)(row + n);
    if (!read_letters(inner, m, outer, n, equal, codes)) {
        best = -2;
        goto done;
    }
    for (Py_ssize_t i = 0; anchored && i < n; i++)
        row[i] = (int32_t)i + 1;
    Py_ssize_t first = 0, end = n;
    for (Py_ssize_t w = 0; w < words; w++) {
        Py_ssize_t rows = w == words - 1 ? m - w * WORD : WORD, before = end;
        first = w * WORD - most > 1 ? w * WORD - most - 1 : 0;
        end = w * WORD + rows + shift + most < n ? w * WORD + rows + shift + most : n;
        for (Py_ssize_t i = before; w && i < end; i++)
            row[i] = BEYOND;
        int within = w || anchored
                         ? pass(equal + w * 16, w, rows, codes, first, end, most, row)
                         : pass_first(equal, rows, codes, end, (int32_t)most, row);
        if (!within)
            goto all_told;
    }
    for (Py_ssize_t i = first; i < end; i++) {
        if (row[i] < best) {
            best = row[i];
            if (ends)
                ends->count = 0;
        }
        if (ends && row[i] == best)
            ends->column[ends->count++] = i;
    }
all_told:
    if (best > most)
        best = -1;
done:
    if (equal != here)
        free(equal);
    return best;
}

/* -- many short sequences at once --------------------------------------------------------- */

/* A word has lanes with a sequence each; the last bit of a lane keeps sums from the next one. */
#define LANE 16
#define EACH_LANE 0x0001000100010001u
#define LONGEST (LANE - 1)

/* With AVX2 where the processor has it: whichever is built in, one wheel serves all. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

/* Of `count` words of lanes: `rows` are the bits in use, up to the last but one of a lane, `within` the
 * last bits of those lanes whose sequence has been placed; `equal` by code, then by word. */
typedef struct {
    Py_ssize_t count;
    uint64_t *equal, *rows, *up, *down, *score, *within;
} Lanes;

/* Put a sequence into its lane; return 0 where it has a letter that is no IUPAC code. */
static int fill_lane(const Lanes *lanes, Py_ssize_t number, const char *inner, Py_ssize_t m)
{
    unsigned letters = 0;
    Py_ssize_t word = number / (WORD / LANE);
    int lane = (int)(number % (WORD / LANE)) * LANE;
    for (Py_ssize_t i = 0; i < m; i++) {
        uint64_t row = (uint64_t)1 << (lane + LONGEST - m + i);
        unsigned letter = told[(unsigned char)inner[i]];
        for (unsigned rest = letter & 15; rest; rest &= rest - 1) /* a bit a base; mostly one */
            lanes->equal[(rest & -rest) * lanes->count + word] |= row;
        lanes->rows[word] |= row;
        letters |= letter;
    }
    lanes->score[word] |= (uint64_t)m << lane;
    return !(letters & STRANGE);
}

/* As `step`, in all lanes; nothing steps in from above. */
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
static void place_lanes(const Lanes *lanes, const uint8_t *outer, Py_ssize_t n, Py_ssize_t most)
{
    const Py_ssize_t count = lanes->count;
    /* Sets the last bit of a lane whose score is above most. */
    const uint64_t over = (((uint64_t)1 << LONGEST) - 1 - (uint64_t)most) * EACH_LANE;
    for (Py_ssize_t code = 1; code < 16; code++)
        for (Py_ssize_t base = 1; base < 16; base <<= 1)
            for (Py_ssize_t w = 0; code != base && code & base && w < count; w++)
                lanes->equal[code * count + w] |= lanes->equal[base * count + w];
    for (Py_ssize_t column = 0; column < n; column++)
        step_lanes(count, over, lanes->equal + (told[outer[column]] & 15) * count, lanes->rows,
                   lanes->up, lanes->down, lanes->score, lanes->within);
}

/* -- from and to Python ------------------------------------------------------------------ */

static PyObject *edits(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || m > n || most < 0) {
        PyErr_SetString(PyExc_ValueError, "the first sequence is the shorter one, and not empty");
        return NULL;
    }
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, NULL);
    return found == -3 ? PyErr_NoMemory() : PyLong_FromSsize_t(found);
}

static int append(PyObject *list, Py_ssize_t number)
{
    PyObject *place = PyLong_FromSsize_t(number);
    int failed = !place || PyList_Append(list, place);
    Py_XDECREF(place);
    return failed;
}

static void turn(uint8_t *to, const char *from, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++)
        to[i] = (uint8_t)from[length - 1 - i];
}

static PyObject *starts(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || m > n || most < 0) {
        PyErr_SetString(PyExc_ValueError, "the first sequence is the shorter one, and not empty");
        return NULL;
    }
    Ends ends = {malloc((size_t)n * sizeof *ends.column), 0};
    Ends back = {malloc((size_t)n * sizeof *back.column), 0};
    uint8_t *turned = malloc((size_t)(m + n));
    if (!ends.column || !back.column || !turned)
        goto memory;
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, &ends);
    if (found == -3)
        goto memory;
    if (found == -2 || found == m) { /* not told here: unknown letters, nothing in common */
        Py_INCREF(Py_None);
        result = Py_None;
        goto done;
    }
    result = PyList_New(0);
    if (!result || found < 0)
        goto done;
    turn(turned, inner, m);
    turn(turned + m, outer, n);
    for (Py_ssize_t i = 0; i < ends.count; i++) {
        /* Backwards from where it ends, to the furthest of the equally good places. */
        Py_ssize_t end = ends.column[i] + 1, length = m;
        back.count = 0;
        if (end == m && unlike((const uint8_t *)inner, (const uint8_t *)outer, m, found) == found)
            length = m; /* it begins where all begins */
        else if (found) {
            if (placed(turned, m, turned + m + n - end, end, found, 1, &back) != found)
                goto memory; /* it can be nothing else */
            length = back.column[back.count - 1] + 1;
        }
        if (append(result, end - length)) {
            Py_DECREF(result);
            result = NULL;
            goto done;
        }
    }
    goto done;
memory:
    Py_XDECREF(result);
    result = PyErr_NoMemory();
done:
    free(ends.column);
    free(back.column);
    free(turned);
    return result;
}

static PyObject *along(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found, end = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || n < 1 || most < 0) {
        PyErr_SetString(PyExc_ValueError, "a sequence that is empty");
        return NULL;
    }
    Ends ends = {malloc((size_t)n * sizeof *ends.column), 0};
    if (!ends.column)
        return PyErr_NoMemory();
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 1, &ends);
    if (found == m)
        found = -2; /* nothing in common: not told here */
    else if (found >= 0)
        end = ends.column[ends.count - 1] + 1;
    free(ends.column);
    return found == -3 ? PyErr_NoMemory() : Py_BuildValue("(nn)", found, end);
}

/* Return whether a sequence of a tuple can be placed; its bytes in `inner`. */
static int is_inner(PyObject *inners, Py_ssize_t number, Py_ssize_t n, char **inner, Py_ssize_t *m)
{
    if (PyBytes_AsStringAndSize(PyTuple_GetItem(inners, number), inner, m))
        return 0;
    if (*m < 1 || *m > n)
        PyErr_SetString(PyExc_ValueError, "a sequence that is empty or too long");
    return *m >= 1 && *m <= n;
}

static PyObject *fitting(PyObject *self, PyObject *args)
{
    PyObject *inners, *result = NULL;
    const char *outer;
    char *inner;
    Py_ssize_t m, n, most, count, longest = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!y#n", &PyTuple_Type, &inners, &outer, &n, &most))
        return NULL;
    if (most < 0) {
        PyErr_SetString(PyExc_ValueError, "fewer edits than none");
        return NULL;
    }
    count = PyTuple_Size(inners);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!is_inner(inners, i, n, &inner, &m))
            return NULL;
        longest = m > longest ? m : longest;
    }
    Lanes lanes = {.count = (count * LANE + WORD - 1) / WORD};
    uint64_t *room = NULL;
    if (longest <= LONGEST && most <= LONGEST) {
        room = calloc((size_t)lanes.count * (16 + 5) + 1, sizeof *room);
        if (!room)
            return PyErr_NoMemory();
        lanes.equal = room;
        lanes.rows = room + 16 * lanes.count;
        lanes.up = lanes.rows + lanes.count;
        lanes.down = lanes.up + lanes.count;
        lanes.score = lanes.down + lanes.count;
        lanes.within = lanes.score + lanes.count;
        int known = 1;
        for (Py_ssize_t i = 0; i < count && is_inner(inners, i, n, &inner, &m); i++)
            known &= fill_lane(&lanes, i, inner, m);
        if (known) {
            memcpy(lanes.up, lanes.rows, (size_t)lanes.count * sizeof *room);
            place_lanes(&lanes, (const uint8_t *)outer, n, most);
        } else {
            free(room);
            room = NULL;
        }
    }
    result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < count && is_inner(inners, i, n, &inner, &m); i++) {
        int last = (int)(i % (WORD / LANE)) * LANE + LONGEST;
        Py_ssize_t found = room && !(lanes.within[i / (WORD / LANE)] >> last & 1) ? -1 : 0;
        if (!room) /* where it cannot tell (-2), the caller finds out */
            found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, NULL);
        if (found == -3)
            PyErr_NoMemory();
        if (found == -3 || (found != -1 && append(result, i))) {
            Py_DECREF(result);
            result = NULL;
        }
    }
    free(room);
    return result;
}

/* -- words ----------------------------------------------------------------------------------- */

/* A word of a text is a bit among many, by a sum that is taken from place to place (Karp & Rabin 1987,
 * doi:10.1147/rd.312.0249); what is not marked is not there. */
#define FACTOR 0x9e3779b97f4a7c15u /* odd, with as many ones as zeros; the golden ratio */

typedef struct {
    uint8_t *bit;
    int shift; /* from a sum to the number of its bit */
} Marks;

static int get_marks(const Py_buffer *buffer, Marks *marks)
{
    uint64_t bits_of_all = (uint64_t)buffer->len * 8;
    marks->bit = buffer->buf;
    marks->shift = WORD;
    while (bits_of_all > 1 && !(bits_of_all & 1)) {
        bits_of_all >>= 1;
        marks->shift--;
    }
    if (bits_of_all != 1)
        PyErr_SetString(PyExc_ValueError, "marks are a power of two");
    return bits_of_all == 1;
}

static inline uint64_t bit_of(const Marks *marks, uint64_t sum)
{
    return (sum ^ sum >> 29) * FACTOR >> marks->shift;
}

static uint64_t sum_of(const char *text, Py_ssize_t length)
{
    uint64_t sum = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        sum = sum * FACTOR + (unsigned char)text[i];
    return sum;
}

/* The words of a text that is shorter than one are the text. */
static PyObject *mark(PyObject *self, PyObject *args)
{
    Py_buffer buffer;
    const char *text;
    Py_ssize_t n, length, step;
    Marks marks;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*s#nn", &buffer, &text, &n, &length, &step))
        return NULL;
    int fine = get_marks(&buffer, &marks);
    if (fine && (length < 1 || step < 1)) {
        PyErr_SetString(PyExc_ValueError, "a word, or a step, of nothing");
        fine = 0;
    }
    length = n < length ? n : length;
    for (Py_ssize_t place = 0; fine && place <= n - length; place += step) {
        uint64_t bit = bit_of(&marks, sum_of(text + place, length));
        marks.bit[bit >> 3] |= (uint8_t)(1 << (bit & 7));
    }
    PyBuffer_Release(&buffer);
    if (!fine)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *marked(PyObject *self, PyObject *args)
{
    Py_buffer buffer;
    const char *text;
    Py_ssize_t n, length;
    Marks marks;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*s#n", &buffer, &text, &n, &length))
        return NULL;
    PyObject *result = NULL;
    if (length < 1)
        PyErr_SetString(PyExc_ValueError, "a word of nothing");
    else if (get_marks(&buffer, &marks))
        result = PyList_New(0);
    length = n < length ? n : length;
    uint64_t sum = sum_of(text, length), first = 1; /* what a letter counts when it leaves */
    for (Py_ssize_t i = 0; i < length; i++)
        first *= FACTOR;
    for (Py_ssize_t place = 0; result && place <= n - length; place++) {
        uint64_t bit = bit_of(&marks, sum);
        if (marks.bit[bit >> 3] >> (bit & 7) & 1 && append(result, place)) {
            Py_DECREF(result);
            result = NULL;
        }
        if (place < n - length)
            sum = sum * FACTOR + (unsigned char)text[place + length] -
                  first * (unsigned char)text[place];
    }
    PyBuffer_Release(&buffer);
    return result;
}

#include "_comparing.c"

static PyMethodDef methods[] = {
    {"edits", edits, METH_VARARGS,
     "edits(inner, outer, most): of inner placed whole in outer; -1 above most, -2 unknown letters"},
    {"starts", starts, METH_VARARGS,
     "starts(inner, outer, most): where the best placements begin; None where it cannot tell"},
    {"along", along, METH_VARARGS,
     "along(inner, outer, most): edits of inner placed at the beginning of outer, and where the "
     "longest of the best placements ends; edits -1 above most, -2 where it cannot tell"},
    {"fitting", fitting, METH_VARARGS,
     "fitting(inners, outer, most): places of those that may lie in outer with so few edits"},
    {"mark", mark, METH_VARARGS,
     "mark(marks, text, length, step): the words of so many letters at every step-th place"},
    {"marked", marked, METH_VARARGS,
     "marked(marks, text, length): the places of a text where a word begins that may be marked"},
    {"prepared", prepared, METH_VARARGS, "prepared(sequence, least): a query for `compared`"},
    {"compared", compared, METH_VARARGS,
     "compared(prepared, turned, sequences, offsets, records, needed): edits and bases compared of "
     "each record (int32), and how many were aligned; turned -1 whole, 0 and 1 in part; edits -1 for "
     "less identity than needed, -2 where it cannot tell"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_placing", NULL, 0, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__placing(void)
{
    fill_letters();
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddIntMacro(made, INTERFACE)) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
