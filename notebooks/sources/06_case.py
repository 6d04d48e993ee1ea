# %% [markdown]
# # Lesson 6: a whole case, to a report
#
# **Goal.** You follow a case from the seal to the first page of its report, and write an opinion that says what the
# findings support and no more.
#
# You need half an hour and no network. First choose *Edit*, *Clear Outputs of All Cells*, so that you see no result
# before your own answer. Then run each cell with Shift + Enter, in order.
#
# A result that nobody can follow is worth nothing in court. The case is the bag of
# scales of lesson 5: the sequence is real; people, places and times are invented, and every page says so.

# %%
import forensics
from forensics import custody, report, training

training.begin("en")
case = training.open_case()  # some seconds
finding = case.report.content.findings[0]

# %% [markdown]
# ## 1. What the screen says, and what the report says
#
# Customs ask: of which animal are the scales? One scale was sampled. On the screen of the analyst the species was
# named, Temminck's pangolin, with more than 99 %.
#
# **Question 6.1.** At which rank does the report name the scale: species, genus or family? Decide before you look.

# %%
answer = None  # "species", "genus" or "family"
training.check("6.1", answer, about=finding)

# %% [markdown]
# ## The picture to remember

# %%
axes = training.enlarge(case.draw_priors())

# %% [markdown]
# A prior says how often the library has the right species. The same sequence was
# called under three priors. Where the blue bar does not reach the dashed line, the species may not be named. Nobody in
# this case can say which prior is right: the library has one of nine pangolins at this locus.
#
# **Question 6.2.** The screen names a species, the report a genus. What happened?
#
# - **a** Somebody has changed the result.
# - **b** The calls under the priors differ, and the most cautious is reported. Both stand in the report.
# - **c** The report is wrong: the narrowest name counts.

# %%
answer = None  # "a", "b" or "c"
training.check("6.2", answer)

# %% [markdown]
# Here is the report as it reads in a browser; the PDF has the same content. Take five minutes. The first page has
# everything that is concluded, what follows shows how.

# %% tags=["varies"]
case

# %% [markdown]
# **Question 6.3.** Of how many of the seven scales does the report say what they are?

# %%
answer = None  # a number
training.check("6.3", answer)

# %% [markdown]
# **Question 6.4.** Which sentence of the report could nobody write who had not tried the library on samples of known
# species?
#
# - **a** "The questioned sequence was compared with the records of the reference library."
# - **b** "Of 277 calls like this one, one was wrong."
# - **c** "The controls of the runs passed."

# %%
answer = None  # "a", "b" or "c"
training.check("6.4", answer)

# %% [markdown]
# ## 2. What may be missing
#
# A report is checked before it is written. ISO/IEC 17025 and ISO 21043 say what it needs.
#
# **Question 6.5.** Which of these may be missing?
#
# - **a** Name and contact of the customer.
# - **b** A statement of uncertainty, or why there is none.
# - **c** A review by somebody who interpreted the raw data alone.
# - **d** What the accused said to the police.

# %%
answer = None  # one letter
training.check("6.5", answer)

# %%
gaps = case.report.statement
gaps["customer"]["name"] = gaps["method"]["uncertainty"] = None
gaps["findings"][0]["reviews"] = []
print(*report.check(gaps), sep="\n")

# %% [markdown]
# The reviewer looks at the raw data **before** the call. Somebody who has seen the answer finds it again.
#
# ## 3. What must not be said
#
# Every text that somebody types goes through a gate. It looks for taxa that are not reported, for persons who did
# something, and for numbers that no finding has.
#
# **Question 6.6.** Which of these does the gate let through?
#
# - **a** "It is proved that the scales are of Temminck's pangolin."
# - **b** "The probability that the scale is of Manis is 0.97."
# - **c** "The sequence is more probable if the scale is of Manis than if it is not."
# - **d** "The accused bought the scales of a pangolin."

# %%
answer = None  # one letter
training.check("6.6", answer)

# %% [markdown]
# Sentence **b** speaks of the scale: how probable a pangolin is. For that one needs all other evidence of the case,
# and it is the court's question. Sentence **c** speaks of the sequence, and that is what an expert on sequences knows.
# To give the second as an answer to the first is called *transposing the conditional*.
#
# **Question 6.7.** Write the opinion in one sentence or two: what is the scale, and what is left open? The gate reads
# it.

# %%
answer = None  # your text, in quotation marks
training.check("6.7", answer, about=case)

# %% [markdown]
# The gate does not find everything. "Nobody sells such scales unknowingly" gets past it, and the reviewer must not let
# it.
#
# ## 4. Again, years later
#
# **Question 6.8.** A finding can be computed again from the file that it was made of. It comes out the same. What does
# that show?
#
# - **a** That it is right.
# - **b** That it follows from this file, this library and this program, and that nobody has altered one of them.
# - **c** Nothing at all.

# %%
answer = None  # "a", "b" or "c"
training.check("6.8", answer)

# %%
with custody.open_ledger(case.ledger) as ledger:
    again = report.reproduce(ledger, finding.event, [forensics.open_library()], forensics.identify)
again.same

# %% [markdown]
# A wrong tube gives the same wrong answer every time. Controls, a second sample and the validation speak to that.
#
# ## Take home
#
# 1. Where priors lead to different names, the most cautious is reported, and the table shows all.
# 2. An expert speaks of the evidence under two explanations, and not of the explanation, a person or guilt.
# 3. A report that can be computed again is honest; whether it is right needs controls, reviews and a validation.
#
# ## Your task
#
# Make a case of your own, `forensics training case case`, and read `report.pdf` as counsel for the defence: write down
# five questions. Lesson 7 asks some of them. What a report contains, by clause, is in `docs/report.md`.
